//! Certificates of the run: an authority that clients trust, and server certificates that
//! are right or wrong in one way each.

use std::sync::OnceLock;

use jiff::{ToSpan, Zoned, civil};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};

use super::cluster::TlsKind;

/// A server's certificate and its key, as PEM.
#[derive(Clone, Debug)]
pub struct ServerCertificate {
    pub certificate: String,
    pub key: String,
}

/// The run's authority, and one that no client trusts.
pub struct Authorities {
    trusted: CertifiedIssuer<'static, KeyPair>,
    unknown: CertifiedIssuer<'static, KeyPair>,
}

impl Authorities {
    /// The authorities of this run, made when first asked for.
    pub fn of_this_run() -> &'static Self {
        static AUTHORITIES: OnceLock<Authorities> = OnceLock::new();
        AUTHORITIES.get_or_init(|| Self {
            trusted: authority("blogctl test authority"),
            unknown: authority("an unknown authority"),
        })
    }

    /// The certificate that clients trust, as PEM.
    pub fn trusted_pem(&self) -> String {
        self.trusted.pem()
    }

    /// Makes a server's certificate; `None` for a server without TLS.
    pub fn issue(&self, kind: TlsKind) -> Option<ServerCertificate> {
        let here = ["localhost", "127.0.0.1", "::1"].as_slice();
        let far = civil::date(2100, 1, 1);
        let (names, issuer, end) = match kind {
            TlsKind::Good => (here, &self.trusted, far),
            TlsKind::WrongHost => (["other.example"].as_slice(), &self.trusted, far),
            TlsKind::Expired => (here, &self.trusted, civil::date(2021, 1, 1)),
            TlsKind::EndsSoon => (here, &self.trusted, in_ten_days()),
            TlsKind::UnknownAuthority => (here, &self.unknown, far),
            TlsKind::None => return None,
        };
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).expect("the names are valid");
        params.not_before = date_time_ymd(2020, 1, 1);
        let (month, day) = (end.month().unsigned_abs(), end.day().unsigned_abs());
        params.not_after = date_time_ymd(end.year().into(), month, day);
        params
            .distinguished_name
            .push(DnType::CommonName, "blogctl test server");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().expect("a key pair can be made");
        let certificate = params
            .signed_by(&key, issuer)
            .expect("the parameters are valid");
        Some(ServerCertificate {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

fn in_ten_days() -> civil::Date {
    Zoned::now().date() + 10.days()
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().expect("a key pair can be made");
    CertifiedIssuer::self_signed(params, key).expect("the parameters are valid")
}
