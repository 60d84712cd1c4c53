//! The parameters of a unified request: the query string and the headers that mean
//! the same.

use http::header::IF_MATCH;
use http::{HeaderMap, HeaderValue};

use crate::problem::{Code, Problem};
use crate::query::{self, Entry, QueryError};

/// Each parameter is accepted with this prefix, too.
const PREFIX: &str = "truto_";
/// Parameters of one value that an operation or a provider may not have.
pub(crate) const UNIFIED: [&str; 3] = ["limit", "next_cursor", "matching_attribute"];

/// What the answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponseFormat {
    /// Mapped fields and `remote_data`.
    #[default]
    Unified,
    /// The provider's bytes.
    Raw,
    /// Every field of the model, `null` where there is none.
    Normalized,
    /// The provider's bytes, never buffered.
    Stream,
}

/// How much of the request leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DryRun {
    /// All of it.
    #[default]
    Off,
    /// Reads, up to the first write.
    Read,
    /// Nothing.
    Everything,
}

/// The parameters, typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params {
    /// The integrated account to use.
    pub account_id: String,
    /// What the answer looks like.
    pub format: ResponseFormat,
    /// Leave `remote_data` out.
    pub ignore_remote_data: bool,
    /// Leave these fields out; dots reach inside.
    pub exclude_fields: Vec<String>,
    /// For the provider's query, names and values as they were given.
    pub remote_query: Vec<(String, String)>,
    /// The version of the object that is changed.
    pub etag: Option<String>,
    /// How much of the request leaves.
    pub dry_run: DryRun,
    /// Refuse what the provider cannot take instead of leaving it out.
    pub strict: bool,
    /// Other names with their values, without the prefix: an operation may declare them.
    pub others: Vec<(String, String)>,
    /// Names that no operation can declare, because they have brackets.
    pub unknown: Vec<String>,
}

/// Reads the query string and the header `If-Match`.
///
/// # Errors
/// 400 for what cannot be read, a value that is not accepted, and contradictions.
pub fn parse(query: &str, headers: &HeaderMap) -> Result<Params, Problem> {
    let mut given = Given { entries: query::parse(query)? };
    let account_id = given.one("integrated_account_id")?.filter(|id| !id.is_empty());
    let params = Params {
        account_id: account_id.ok_or_else(|| bad("integrated_account_id", "is required: which connected account to use"))?,
        format: given.choice(
            "response_format",
            &[
                ("unified", ResponseFormat::Unified),
                ("raw", ResponseFormat::Raw),
                ("normalized", ResponseFormat::Normalized),
                ("stream", ResponseFormat::Stream),
            ],
        )?,
        ignore_remote_data: given.choice("ignore_remote_data", FLAG)?,
        exclude_fields: given.agreed("exclude_fields", exclude_fields)?.unwrap_or_default(),
        remote_query: given.agreed("remote_query", remote_query)?.unwrap_or_default(),
        etag: etag(given.one("etag")?, headers)?,
        dry_run: given.choice("dry_run", &[("false", DryRun::Off), ("true", DryRun::Everything), ("read", DryRun::Read)])?,
        strict: given.choice("strict", FLAG)?,
        others: given.others()?,
        unknown: given.rest(),
    };
    Ok(params)
}

const FLAG: &[(&str, bool)] = &[("true", true), ("false", false), ("1", true), ("0", false)];

/// The entries of a query by what they stand for.
struct Given {
    entries: Vec<Entry>,
}

impl Given {
    /// Takes the entries of a name out, those with the prefix apart.
    fn take(&mut self, name: &str) -> (Vec<Entry>, Vec<Entry>) {
        let (plain, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.entries).into_iter().partition(|entry| entry.name == name);
        let (prefixed, rest) = rest.into_iter().partition(|entry| entry.name.strip_prefix(PREFIX) == Some(name));
        self.entries = rest;
        (plain, prefixed)
    }

    /// What a name says with and without the prefix, which must be the same.
    fn agreed<T: PartialEq>(&mut self, name: &str, read: impl Fn(&[Entry]) -> Result<T, Problem>) -> Result<Option<T>, Problem> {
        let (plain, prefixed) = self.take(name);
        let read = |entries: Vec<Entry>| if entries.is_empty() { Ok(None) } else { read(&entries).map(Some) };
        match (read(plain)?, read(prefixed)?) {
            (Some(plain), Some(prefixed)) if plain != prefixed => {
                Err(bad(name, &format!("and {PREFIX}{name} are both given, with different values")))
            }
            (plain, prefixed) => Ok(plain.or(prefixed)),
        }
    }

    fn one(&mut self, name: &str) -> Result<Option<String>, Problem> {
        self.agreed(name, |entries| single(name, entries))
    }

    fn choice<T: Copy + Default + PartialEq>(&mut self, name: &str, choices: &[(&str, T)]) -> Result<T, Problem> {
        let chosen = |entries: &[Entry]| {
            let value = single(name, entries)?;
            let found = choices.iter().find(|(choice, _)| *choice == value);
            found.map(|(_, chosen)| *chosen).ok_or_else(|| {
                let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
                bad(name, &format!("must be one of {}", names.join(", ")))
            })
        };
        Ok(self.agreed(name, chosen)?.unwrap_or_default())
    }

    /// The plain names that are left, each with its one value.
    fn others(&mut self) -> Result<Vec<(String, String)>, Problem> {
        let mut names: Vec<String> = Vec::new();
        for entry in &self.entries {
            let name = entry.name.strip_prefix(PREFIX).unwrap_or(&entry.name);
            let same = |other: &&Entry| other.name.strip_prefix(PREFIX).unwrap_or(&other.name) == name;
            let nested = self.entries.iter().filter(same).any(|other| !other.keys.is_empty());
            if !names.iter().any(|known| known == name) && (!nested || UNIFIED.contains(&name)) {
                names.push(name.to_owned());
            }
        }
        let mut others = Vec::new();
        for name in names {
            let value = self.one(&name)?.unwrap_or_default();
            others.push((name, value));
        }
        Ok(others)
    }

    fn rest(self) -> Vec<String> {
        let mut names: Vec<String> = self.entries.into_iter().map(|entry| entry.name).collect();
        names.dedup();
        names
    }
}

/// The one value of entries that are there.
fn single(name: &str, entries: &[Entry]) -> Result<String, Problem> {
    let (first, others) = entries.split_first().ok_or_else(|| bad(name, "is missing"))?;
    if entries.iter().any(|entry| !entry.keys.is_empty()) {
        return Err(bad(name, "takes one value, without brackets"));
    }
    if others.iter().any(|entry| entry.value != first.value) {
        return Err(bad(name, "is given twice, with different values"));
    }
    Ok(first.value.clone())
}

fn exclude_fields(entries: &[Entry]) -> Result<Vec<String>, Problem> {
    let values = query::array(entries.iter())?;
    let fields: Vec<String> =
        values.iter().flat_map(|v| v.split(',')).map(str::trim).filter(|f| !f.is_empty()).map(str::to_owned).collect();
    if fields.len() > query::MAX_ELEMENTS {
        return Err(QueryError::TooMany("exclude_fields".to_owned()).into());
    }
    Ok(fields)
}

fn remote_query(entries: &[Entry]) -> Result<Vec<(String, String)>, Problem> {
    let pair = |entry: &Entry| {
        let name = entry.inner_name().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| bad("remote_query", "is nested: remote_query[name]=value"))?;
        Ok((name, entry.value.clone()))
    };
    entries.iter().map(pair).collect()
}

/// Providers take the version in a header, so it must be able to stand in one.
fn etag(parameter: Option<String>, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    if parameter.as_ref().is_some_and(|etag| HeaderValue::from_str(etag).is_err()) {
        return Err(bad("etag", "holds a character that no header may have"));
    }
    let mut given = headers.get_all(IF_MATCH).iter();
    let Some(header) = given.next() else {
        return Ok(parameter.filter(|etag| !etag.is_empty()));
    };
    if given.any(|other| other != header) {
        return Err(bad("If-Match", "is given twice, with different values"));
    }
    let header = header.to_str().map_err(|_| bad("If-Match", "must be printable ASCII"))?.to_owned();
    let given = |etag: &String| !etag.is_empty();
    match (parameter.filter(given), Some(header).filter(given)) {
        (Some(parameter), Some(header)) if parameter != header => {
            Err(bad("etag", "and the header If-Match are both given, with different values"))
        }
        (parameter, header) => Ok(header.or(parameter)),
    }
}

fn bad(name: &str, why: &str) -> Problem {
    Problem::new(Code::InvalidParameter, format!("{name} {why}")).with_error(format!("?{name}"), why)
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        Self::new(Code::InvalidParameter, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "integrated_account_id=a1";

    fn read(query: &str) -> Params {
        parse(&format!("{ID}&{query}"), &HeaderMap::new()).unwrap()
    }

    fn refusal(query: &str) -> String {
        let problem = parse(query, &HeaderMap::new()).unwrap_err();
        assert_eq!((problem.status.as_u16(), problem.code), (400, Code::InvalidParameter));
        problem.detail
    }

    #[test]
    fn names_are_accepted_with_and_without_the_prefix() {
        assert_eq!(read("response_format=raw").format, ResponseFormat::Raw);
        assert_eq!(read("truto_response_format=raw&response_format=raw").format, ResponseFormat::Raw);
        assert_eq!(read("truto_exclude_fields[]=id&truto_exclude_fields[]=name").exclude_fields, ["id", "name"]);
        assert_eq!(parse("truto_integrated_account_id=x", &HeaderMap::new()).unwrap().account_id, "x");
        assert!(refusal(&format!("{ID}&truto_dry_run=true&dry_run=read")).contains("different values"));
    }

    #[test]
    fn commas_split_only_the_excluded_fields() {
        assert_eq!(read("exclude_fields=id,remote_data.x").exclude_fields, ["id", "remote_data.x"]);
        let remote = read("remote_query[a][b]=x,y&remote_query[$select]=id&remote_query[c][]=1").remote_query;
        assert_eq!(remote, [("a[b]".into(), "x,y".into()), ("$select".into(), "id".into()), ("c[]".into(), "1".into())]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_choices() {
        assert_eq!(refusal("x=1"), "integrated_account_id is required: which connected account to use");
        assert_eq!(refusal(&format!("{ID}&response_format=xml")), "response_format must be one of unified, raw, normalized, stream");
        assert_eq!(refusal(&format!("{ID}&dry_run=maybe")), "dry_run must be one of false, true, read");
        assert!(refusal(&format!("{ID}&integrated_account_id=b")).contains("given twice"));
        assert!(refusal(&format!("{ID}&remote_query=x")).contains("remote_query[name]=value"));
        assert!(refusal(&format!("{ID}&strict[]=true")).contains("without brackets"));
        assert!(refusal(&format!("{ID}&exclude_fields={}", "a,".repeat(101))).contains("more than 100"));
    }

    #[test]
    fn the_etag_comes_by_parameter_or_header_and_must_agree() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, "W/\"a+b=\"".parse().unwrap());
        let both = format!("{ID}&etag=W%2F%22a%2Bb%3D%22");
        assert_eq!(parse(&both, &headers).unwrap().etag.unwrap(), "W/\"a+b=\"");
        assert_eq!(parse(ID, &headers).unwrap().etag.unwrap(), "W/\"a+b=\"");
        assert!(parse(&format!("{ID}&etag=x"), &headers).is_err());
        headers.insert(IF_MATCH, HeaderValue::from_static(""));
        assert_eq!(parse(ID, &headers).unwrap().etag, None);
        assert_eq!(parse(&format!("{ID}&etag=x"), &headers).unwrap().etag.unwrap(), "x");
        assert_eq!(read("etag=").etag, None);
        assert!(refusal(&format!("{ID}&etag=a%0Ab")).contains("etag holds"));
    }

    #[test]
    fn unknown_names_are_reported_not_refused() {
        let params = read("foo=1&truto_limit=2&bar[x]=1&bar[y]=1");
        assert_eq!(params.others, [("foo".into(), "1".into()), ("limit".into(), "2".into())]);
        assert_eq!(params.unknown, ["bar"]);
        assert!(refusal(&format!("{ID}&limit=1&limit=2")).contains("given twice"));
        for name in UNIFIED {
            assert!(refusal(&format!("{ID}&{name}[]=1")).contains("without brackets"), "{name}");
            assert!(refusal(&format!("{ID}&truto_{name}[0]=1&{name}=1")).contains("without brackets"), "{name}");
        }
    }

    #[test]
    fn one_value_spelled_in_two_ways_is_no_contradiction() {
        assert!(read("truto_strict=true&strict=1").strict);
        assert_eq!(read("truto_exclude_fields=id,name&exclude_fields[]=id&exclude_fields[]=name").exclude_fields, ["id", "name"]);
    }
}
