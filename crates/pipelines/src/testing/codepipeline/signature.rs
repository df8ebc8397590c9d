//! Checks a request's signature as the service does, so that nothing of what was signed changes on its way.
//!
//! From the published description of Signature Version 4.

use crate::testing::server::Request;
use sha2::{Digest, Sha256};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |pad: u8| block.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = Sha256::digest([&padded(0x36)[..], text.as_bytes()].concat());
    Sha256::digest([&padded(0x5c)[..], &inner[..]].concat()).to_vec()
}

/// Says who signed, or what is wrong.
pub fn signer(request: &Request, secret_of: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let authorization = request.header("authorization").ok_or("no signature")?;
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}="))?;
        Some(rest.split(',').next().unwrap_or_default().to_owned())
    };
    let credential = part("Credential").ok_or("no credential")?;
    let (id, scope) = credential.split_once('/').ok_or("no scope")?;
    let scope_parts: Vec<&str> = scope.split('/').collect();
    let [date, region, service, "aws4_request"] = scope_parts[..] else { return Err(scope.to_owned()) };
    if service != "codepipeline" {
        return Err(format!("signed for {service}"));
    }
    let signed = part("SignedHeaders").ok_or("no signed headers")?;
    for must in ["host", "x-amz-date", "x-amz-target"] {
        if !signed.split(';').any(|name| name == must) {
            return Err(format!("{must} is not signed"));
        }
    }
    let headers: String = signed
        .split(';')
        .map(|name| format!("{name}:{}\n", request.header(name).unwrap_or_default().trim()))
        .collect();
    let canonical =
        format!("{}\n{}\n\n{headers}\n{signed}\n{}", request.method, request.path, sha(&request.body));
    let at = request.header("x-amz-date").unwrap_or_default();
    let text = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", sha(&canonical));
    let secret = secret_of(id).ok_or("unknown key")?;
    let key = [date, region, service, "aws4_request"]
        .iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
    let expected = hex(&hmac(&key, &text));
    match part("Signature").is_some_and(|given| given == expected) {
        true => Ok(id.to_owned()),
        false => Err("the signature does not fit".into()),
    }
}
