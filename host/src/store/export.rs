//! Accounts and tokens for the edge: credentials stay sealed, tokens stay hashes.

use std::collections::BTreeMap;

use patchboard_edge::export::Export;
use patchboard_edge::records::{AccountRecord, TokenRecord, account_key, token_key_of};

use super::{Store, StoreError};

impl Store {
    /// What the edge needs of this store; of one tenant, or all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn export(&self, tenant: Option<&str>) -> Result<Export, StoreError> {
        Ok(Export { complete: tenant.is_none(), tokens: self.export_tokens(tenant)?, accounts: self.export_accounts(tenant)? })
    }

    fn export_tokens(&self, tenant: Option<&str>) -> Result<BTreeMap<String, TokenRecord>, StoreError> {
        let connection = self.connection();
        let mut query = connection.prepare("SELECT hash, id, tenant_id FROM tokens WHERE ?1 IS NULL OR tenant_id = ?1")?;
        let rows = query.query_map([tenant], |row| {
            let key = token_key_of(&row.get::<_, Vec<u8>>(0)?);
            Ok((key, TokenRecord { id: row.get(1)?, tenant_id: row.get(2)? }))
        })?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    fn export_accounts(&self, tenant: Option<&str>) -> Result<BTreeMap<String, AccountRecord>, StoreError> {
        let sealed = self.sealed_credentials(tenant)?;
        let mut accounts = BTreeMap::new();
        for record in self.accounts(tenant)? {
            let unreadable = || StoreError::Unreadable(format!("the account {}", record.id));
            let key = account_key(&record.id).ok_or_else(unreadable)?;
            let credential = AccountRecord::encode(sealed.get(&record.id).ok_or_else(unreadable)?);
            accounts.insert(
                key,
                AccountRecord {
                    tenant_id: record.tenant_id,
                    provider: record.provider,
                    status: record.status,
                    settings: record.settings,
                    credential,
                    updated_at: record.updated_at,
                    last_error: record.last_error,
                },
            );
        }
        Ok(accounts)
    }

    fn sealed_credentials(&self, tenant: Option<&str>) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let connection = self.connection();
        let mut query = connection.prepare("SELECT id, credential FROM accounts WHERE ?1 IS NULL OR tenant_id = ?1")?;
        let rows = query.query_map([tenant], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret as _, SecretString};

    use super::*;
    use crate::store::NewAccount;

    fn account(tenant: &str) -> NewAccount {
        NewAccount {
            tenant_id: tenant.to_owned(),
            provider: "wrike".to_owned(),
            settings: BTreeMap::new(),
            plugin_version: None,
            credential: BTreeMap::from([("access_token".to_owned(), SecretString::from("tok-plain"))]),
        }
    }

    #[test]
    fn an_export_opens_with_the_hosts_key_and_holds_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let id = store.add_account(&account("t1")).unwrap().id;
        let token = store.create_token("ci", None).unwrap().token;
        let secret = token.expose_secret().rsplit('_').next().unwrap();
        let export = store.export(None).unwrap();
        let text = String::from_utf8(export.write().unwrap()).unwrap();
        assert!(!text.contains("tok-plain") && !text.contains(secret));
        assert!(export.tokens.contains_key(&patchboard_edge::records::token_key(secret)));
        let record = export.accounts[&format!("account:{id}")].clone();
        let sealer = patchboard_gateway::seal::Sealer::decode(&std::fs::read_to_string(folder.path().join("key")).unwrap()).unwrap();
        assert!(record.open(&id, &sealer).unwrap().credential.has("access_token"));
    }

    #[test]
    fn an_export_of_a_tenant_is_not_complete() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for tenant in ["t1", "t2"] {
            store.add_account(&account(tenant)).unwrap();
            store.create_token(tenant, Some(tenant)).unwrap();
        }
        let export = store.export(Some("t1")).unwrap();
        assert_eq!((export.complete, export.accounts.len(), export.tokens.len()), (false, 1, 1));
        assert_eq!(store.export(None).unwrap().accounts.len(), 2);
    }
}
