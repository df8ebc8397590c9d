//! Documents: the domain's own values as JSON text. The same value always gives the same text.

use crate::error::StoreError;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a value as a document.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Json(error.to_string()))
}

/// Reads the document of a row that consists of an id and a document.
pub(crate) fn read<T: DeserializeOwned>(table: &'static str, row: &Row<'_>) -> Result<T, StoreError> {
    parse(
        table,
        row.get_ref("id")?.as_str().unwrap_or_default(),
        row.get_ref("doc")?.as_str().unwrap_or_default(),
    )
}

/// Reads a document.
pub(crate) fn parse<T: DeserializeOwned>(
    table: &'static str,
    id: impl ToString,
    doc: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(doc).map_err(|error| StoreError::Projection {
        table,
        id: id.to_string(),
        reason: error.to_string(),
    })
}

/// Reads the one document that a query finds.
pub(crate) fn one<T: DeserializeOwned>(
    conn: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>, StoreError> {
    conn.prepare_cached(sql)?.query_row(params, |row| Ok(read(table, row))).optional()?.transpose()
}

/// Hands every document that a query finds to `take`.
pub(crate) fn each<T: DeserializeOwned>(
    conn: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    mut take: impl FnMut(T),
) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        take(read(table, row)?);
    }
    Ok(())
}
