"""The TLS certificates of one node: an authority of its own, and a server and a client under it.

Each member trusts exactly the authorities on the cards it admitted. Certificates only open the
road; who is at its other end is proved by the nkey, since any of several authorities could name
anyone.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from laurel.core.errors import Malformed

LIFETIME = timedelta(days=3_650)
# Members' clocks differ: a certificate made now must hold where it is still yesterday.
BACKDATED = timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """A private key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def key_pem(self) -> bytes:
        """The private key, PKCS 8, not encrypted."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def certificate_pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM)


def make_authority(member: str, now: datetime) -> Identity:
    """A new authority for one node, valid ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(member, "authority")
    built = _builder(name, name, key, key, now)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    built = built.add_extension(_usage(signs_certificates=True), critical=True)
    return Identity(key, built.sign(key, SHA256()))


def make_server(authority: Identity, member: str, host: str, now: datetime) -> Identity:
    """A server certificate for the host that peers connect to, and for this machine itself."""
    names = {"localhost", "127.0.0.1", host}
    alternatives = x509.SubjectAlternativeName([_alternative(name) for name in sorted(names)])
    return _make(authority, member, "server", ExtendedKeyUsageOID.SERVER_AUTH, now, alternatives)


def make_client(authority: Identity, member: str, now: datetime) -> Identity:
    """A client certificate: what this node's couriers show at every server."""
    return _make(authority, member, "client", ExtendedKeyUsageOID.CLIENT_AUTH, now, None)


def read_authority(pem: str) -> x509.Certificate:
    """The one authority certificate in a PEM text. Raises Malformed."""
    try:
        (certificate,) = x509.load_pem_x509_certificates(pem.encode())
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise Malformed(what="TLS authority", why=error) from None
    if not constraints.ca:
        raise Malformed(what="TLS authority", why="the certificate may not sign others")
    return certificate


def _make(
    authority: Identity,
    member: str,
    role: str,
    purpose: x509.ObjectIdentifier,
    now: datetime,
    alternatives: x509.SubjectAlternativeName | None,
) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate.subject
    built = _builder(_name(member, role), issuer, key, authority.key, now)
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    built = built.add_extension(_usage(signs_certificates=False), critical=True)
    built = built.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if alternatives is not None:
        built = built.add_extension(alternatives, critical=False)
    return Identity(key, built.sign(authority.key, SHA256()))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.CertificateBuilder:
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(by, critical=False)
    )


def _name(member: str, role: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, member),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{member} {role}"),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
