//! Pages of lists, found by the last item shown and never by counting from the start.

use crate::error::StoreError;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use serde::{Deserialize, Serialize};

/// A part of a list, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, K = Cursor> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask for next; none at the end.
    pub next: Option<K>,
}

/// The last item of a page: its place in the order, and its id among those of the same place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Milliseconds since 1970 of what the list is ordered by.
    pub at: i64,
    /// The id.
    pub id: String,
}

/// Conditions of a query with their values, in order.
#[derive(Debug)]
pub(crate) struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Starts from a statement that ends in a condition.
    pub(crate) fn new(select: &str) -> Self {
        Self { sql: select.to_owned(), values: Vec::new() }
    }

    /// Adds a fixed condition with its value.
    pub(crate) fn and(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.push(value.into());
    }

    /// Adds a condition where there is a value.
    pub(crate) fn and_some(&mut self, condition: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(condition, value);
        }
    }

    /// Continues after a cursor, newest first.
    pub(crate) fn after(&mut self, condition: &'static str, cursor: Option<&Cursor>) {
        if let Some(cursor) = cursor {
            self.and(condition, cursor.at);
            self.values.push(cursor.id.clone().into());
        }
    }

    /// Runs the query in the given order; one row more than asked for tells whether the list goes on.
    pub(crate) fn page<T, K>(
        self,
        conn: &Connection,
        order: &'static str,
        limit: u32,
        read: impl Fn(&Row<'_>) -> Result<(K, T), StoreError>,
    ) -> Result<Page<T, K>, StoreError> {
        let Self { mut sql, mut values } = self;
        sql.push_str(order);
        sql.push_str(" LIMIT ?");
        values.push((i64::from(limit) + 1).into());
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut page = Page { items: Vec::new(), next: None };
        let mut last = None;
        while let Some(row) = rows.next()? {
            if page.items.len() == limit as usize {
                page.next = last;
                break;
            }
            let (key, item) = read(row)?;
            last = Some(key);
            page.items.push(item);
        }
        Ok(page)
    }
}

/// Turns what a person typed into a full-text query: every word must begin a word of the text.
pub(crate) fn text_query(typed: &str) -> Option<String> {
    let words: Vec<String> = typed
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::text_query;

    #[test]
    fn typed_text_never_becomes_query_syntax() {
        assert_eq!(text_query("HAR-301 \"x\" OR*").as_deref(), Some("\"HAR\"* \"301\"* \"x\"* \"OR\"*"));
        assert_eq!(text_query(" -\"* "), None);
    }
}
