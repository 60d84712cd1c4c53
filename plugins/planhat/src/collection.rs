//! What Planhat keeps, and what of it is listed.

use patchboard_sdk::page::{By, Page, Paging};
use patchboard_sdk::{Account, Error, Request};

/// One of Planhat's collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collection {
    Projects,
    Workspaces,
}

impl Collection {
    /// The collection that a request is aimed at.
    pub(crate) fn of(request: &Request) -> Result<Self, Error> {
        match (request.model.as_str(), request.resource.as_str()) {
            ("crm", "projects") => Ok(Self::Projects),
            ("ticketing", "workspaces") => Ok(Self::Workspaces),
            (model, resource) => Err(Error::Unsupported(format!("{model}/{resource} is nothing of Planhat's"))),
        }
    }

    /// Its name in a path.
    pub(crate) fn many(self) -> &'static str {
        match self {
            Self::Projects => "projects",
            Self::Workspaces => "workspaces",
        }
    }

    /// The name of one of its objects.
    pub(crate) fn one(self) -> &'static str {
        match self {
            Self::Projects => "project",
            Self::Workspaces => "workspace",
        }
    }

    /// What a list asks for: every member of Planhat's model, because a list may show
    /// no more than an id, a company and a name otherwise.
    pub(crate) fn select(self) -> &'static str {
        match self {
            Self::Projects => {
                "name,companyId,companyName,externalId,sourceId,currency,startDate,endDate,mrr,arr,nrr,custom,createdAt,updatedAt"
            }
            Self::Workspaces => "name,ownerId,companyId,companyName,externalId,sourceId,custom",
        }
    }

    /// The page of its list that a request asks for: Planhat counts by `limit` and
    /// `offset`, and has 100 on a page where nothing is said
    /// (<https://www.planhat.com/developers/api/project>).
    pub(crate) fn page(self, request: &Request) -> Result<Page, Error> {
        let most = match self {
            Self::Projects => 5000,
            Self::Workspaces => 2000,
        };
        let page = Paging { by: By::Offset, usual: 100, most }.asked(request);
        page.map_err(|_| Error::field("?next_cursor", "is not one that a list of Planhat's has answered"))
    }
}

/// The member of a project that is its amount.
pub(crate) fn amount_field(account: &Account) -> &str {
    match account.setting("amount_field") {
        "" => "nrr",
        field => field,
    }
}
