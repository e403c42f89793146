//! The names and the expiry of a server's certificate.

use std::net::IpAddr;

use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::doctor::facts;

/// Reads a certificate in DER; `None` if it is not one.
pub fn read(der: &[u8]) -> Option<facts::Certificate> {
    let certificate = Certificate::from_der(der).ok()?;
    let seconds = certificate.tbs_certificate().validity().not_after;
    let seconds = seconds.to_unix_duration().as_secs();
    Some(facts::Certificate {
        names: names(&certificate),
        not_after: Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?,
    })
}

/// The names and addresses that it is for; in one without them, the subject counts.
fn names(certificate: &Certificate) -> Vec<String> {
    let body = certificate.tbs_certificate();
    let Ok(Some((_, SubjectAltName(names)))) = body.get_extension() else {
        return vec![body.subject().to_string()];
    };
    names.iter().filter_map(name).collect()
}

fn name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(address) => {
            let bytes = address.as_bytes();
            let address = <[u8; 4]>::try_from(bytes)
                .map(IpAddr::from)
                .or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
            Some(address.ok()?.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn made(names: &[&str]) -> Vec<u8> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = date_time_ymd(2031, 2, 3);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn its_names_and_its_end_are_read() {
        let certificate = read(&made(&["db.example", "127.0.0.1", "::1"])).unwrap();
        assert_eq!(certificate.names, ["db.example", "127.0.0.1", "::1"]);
        assert_eq!(certificate.not_after.to_string(), "2031-02-03T00:00:00Z");
    }

    #[test]
    fn without_names_the_subject_is_told() {
        let certificate = read(&made(&[])).unwrap();
        assert_eq!(certificate.names, ["CN=rcgen self signed cert"]);
    }

    #[test]
    fn what_is_cut_short_is_none() {
        let der = made(&["db.example"]);
        for length in 0..der.len() {
            assert_eq!(read(&der[..length]), None, "{length}");
        }
    }
}
