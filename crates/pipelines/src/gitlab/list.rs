//! Lists that come in pages.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use url::Url;

use super::GitLab;
use super::wire::Listed;
use crate::RemoteError;
use crate::http::{Answer, Call};

impl GitLab {
    /// Reads one page, and the query of the next one.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        url: Url,
    ) -> Result<(Vec<T>, Option<String>), RemoteError> {
        let answer = self.http.read(Call::get(url.clone())).await?;
        let next = next_query(&answer, &url).filter(|next| Some(next.as_str()) != url.query());
        Ok((answer.json()?, next))
    }

    /// Reads at most so many pages. A page that brings nothing new ends the list, whatever it says.
    pub(super) async fn pages<T: DeserializeOwned + Listed>(
        &self,
        mut url: Url,
        most: usize,
    ) -> Result<Vec<T>, RemoteError> {
        let mut known = BTreeSet::new();
        let mut all = Vec::new();
        for _ in 0..most {
            let (items, next) = self.page::<T>(url.clone()).await?;
            let before = known.len();
            all.extend(items.into_iter().filter(|item| known.insert(item.number())));
            match next {
                Some(next) if known.len() > before => url.set_query(Some(&next)),
                _ => break,
            }
        }
        Ok(all)
    }
}

/// Finds the query of the next page. Only the query is taken from a link, because a server behind a proxy may
/// not know its own name; the path and the host stay those that were asked.
fn next_query(answer: &Answer, asked: &Url) -> Option<String> {
    if let Some(links) = answer.header("link") {
        let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
        let address = next.split_once('<')?.1.split_once('>')?.0;
        return Url::parse(address).ok()?.query().map(str::to_owned);
    }
    let page = answer.header("x-next-page").filter(|page| !page.trim().is_empty())?;
    let mut url = asked.clone();
    let others: Vec<(String, String)> =
        asked.query_pairs().filter(|(name, _)| name != "page").map(|(a, b)| (a.into(), b.into())).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("page", page.trim());
    url.query().map(str::to_owned)
}
