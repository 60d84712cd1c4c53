use std::net::SocketAddr;

/// The address can be reached from other machines, and nobody said that it may be.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} can be reached from other machines, and the control routes ask for no credential; \
     listen on 127.0.0.1 or [::1], or pass --allow-remote if that is meant"
)]
pub struct RemoteAddress(SocketAddr);

/// Refuses an address that other machines can reach, unless that is allowed on purpose.
///
/// # Errors
/// When `address` is not a loopback address and `allow_remote` is false.
pub fn check_address(address: SocketAddr, allow_remote: bool) -> Result<(), RemoteAddress> {
    // `::ffff:127.0.0.1` is loopback too, which `Ipv6Addr::is_loopback` does not say.
    let loopback = address.ip().to_canonical().is_loopback();
    if loopback || allow_remote { Ok(()) } else { Err(RemoteAddress(address)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_pass_without_permission() {
        for (address, allow, passes) in [
            ("127.0.0.1:9100", false, true),
            ("127.8.9.1:0", false, true),
            ("[::1]:9100", false, true),
            ("[::ffff:127.0.0.1]:9100", false, true),
            ("0.0.0.0:9100", false, false),
            ("[::]:9100", false, false),
            ("192.168.1.4:9100", false, false),
            ("0.0.0.0:9100", true, true),
        ] {
            let outcome = check_address(address.parse().unwrap(), allow);
            assert_eq!(outcome.is_ok(), passes, "{address} allow={allow}");
        }
    }

    #[test]
    fn the_refusal_says_what_to_do() {
        let refusal = check_address("0.0.0.0:1".parse().unwrap(), false).unwrap_err();
        assert!(refusal.to_string().contains("--allow-remote"));
    }
}
