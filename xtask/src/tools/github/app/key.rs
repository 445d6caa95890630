//! A private RSA key from a PEM file. GitHub makes them in the form of PKCS #1; other programs turn them into PKCS #8.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;

use crate::kit::secret::Secret;

/// A key that signs. Nothing of it can be printed.
pub(super) struct Key(KeyPair);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Why a key cannot be used; its text is in none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKey {
    /// There is no line that begins a key.
    NoPem,
    /// It does not end.
    CutOff,
    /// It is of another kind, named here.
    OtherKind(&'static str),
    /// What is between its first and its last line is no base64.
    NotBase64,
    /// It says what it is, and is not.
    Broken,
    /// It does not sign.
    Unsigned,
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPem => f.write_str("is no PEM file: no line begins with -----BEGIN"),
            Self::CutOff => f.write_str("is cut off: the line that begins with -----END is missing"),
            Self::OtherKind(kind) => {
                write!(f, "is {kind}; wanted is an RSA PRIVATE KEY (PKCS #1) or a PRIVATE KEY (PKCS #8)")
            }
            Self::NotBase64 => f.write_str("holds characters that belong in no PEM file"),
            Self::Broken => f.write_str("is no RSA key of 2048 to 4096 bits"),
            Self::Unsigned => f.write_str("does not sign"),
        }
    }
}

impl std::error::Error for BadKey {}

impl Key {
    /// Reads a key. Variables of CI services hold line feeds as `\n` at times.
    pub(super) fn parse(pem: &Secret) -> Result<Self, BadKey> {
        let text = pem.expose().replace("\\n", "\n");
        let (_, rest) = text.split_once("-----BEGIN ").ok_or(BadKey::NoPem)?;
        let (label, rest) = rest.split_once("-----").ok_or(BadKey::NoPem)?;
        let read = match label {
            "RSA PRIVATE KEY" => KeyPair::from_der,
            "PRIVATE KEY" => KeyPair::from_pkcs8,
            "ENCRYPTED PRIVATE KEY" => return Err(BadKey::OtherKind("encrypted")),
            "EC PRIVATE KEY" => return Err(BadKey::OtherKind("a key on an elliptic curve")),
            "OPENSSH PRIVATE KEY" => return Err(BadKey::OtherKind("a key of OpenSSH")),
            "PUBLIC KEY" | "RSA PUBLIC KEY" => return Err(BadKey::OtherKind("a public key")),
            "CERTIFICATE" => return Err(BadKey::OtherKind("a certificate")),
            _ => return Err(BadKey::OtherKind("of a kind that is not known")),
        };
        let (body, _) = rest.split_once("-----END ").ok_or(BadKey::CutOff)?;
        if body.contains("DEK-Info:") {
            return Err(BadKey::OtherKind("encrypted"));
        }
        let body: String = body.split_whitespace().collect();
        let bytes = STANDARD.decode(body).map_err(|_| BadKey::NotBase64)?;
        read(&bytes).map(Self).map_err(|_| BadKey::Broken)
    }

    /// Signs by RSASSA-PKCS1-v1_5 with SHA-256, which is RS256.
    pub(super) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, BadKey> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = SystemRandom::new();
        self.0.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).map_err(|_| BadKey::Unsigned)?;
        Ok(signature)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrong(text: &str) -> BadKey {
        Key::parse(&Secret::new(text)).unwrap_err()
    }

    #[test]
    fn other_kinds_are_named() {
        for (text, error) in [
            ("ghp_token", BadKey::NoPem),
            ("-----BEGIN RSA PRIVATE KEY-----\nMII\n", BadKey::CutOff),
            ("-----BEGIN RSA PRIVATE KEY-----\nM*I\n-----END RSA PRIVATE KEY-----", BadKey::NotBase64),
            ("-----BEGIN PRIVATE KEY-----\nMIIC\n-----END PRIVATE KEY-----", BadKey::Broken),
            ("-----BEGIN PUBLIC KEY-----\n", BadKey::OtherKind("a public key")),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", BadKey::OtherKind("encrypted")),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\n", BadKey::OtherKind("a key of OpenSSH")),
            ("-----BEGIN EC PRIVATE KEY-----\n", BadKey::OtherKind("a key on an elliptic curve")),
        ] {
            assert_eq!(wrong(text), error, "{text}");
        }
        let old =
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nAA==\n-----END RSA";
        assert_eq!(wrong(old), BadKey::OtherKind("encrypted"));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_in_words_of_ours(
            text in "(-----BEGIN (RSA )?(PRIVATE KEY|[A-Z]{0,9})-----)?[\\PC\n]{0,60}(-----END )?"
        ) {
            let told = wrong(&text).to_string();
            prop_assert!(text.trim().len() < 9 || !told.contains(text.trim()));
        }
    }
}
