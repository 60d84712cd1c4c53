#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (name, target) in patchboard_gateway::fuzz::TARGETS {
        if *name == "json_patch" {
            target(bytes);
        }
    }
});
