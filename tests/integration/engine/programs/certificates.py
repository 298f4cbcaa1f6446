"""A password, an authority and a certificate that it has issued."""

import pulumi
import pulumi_random as random
import pulumi_tls as tls

password = random.RandomPassword("password", length=24, special=False)
authority_key = tls.PrivateKey("authority", algorithm="ECDSA", ecdsa_curve="P256")
authority = tls.SelfSignedCert(
    "authority",
    private_key_pem=authority_key.private_key_pem,
    is_ca_certificate=True,
    allowed_uses=["cert_signing"],
    validity_period_hours=100,
    subject={"common_name": "authority"},
)
key = tls.PrivateKey("server", algorithm="RSA")
request = tls.CertRequest("server", private_key_pem=key.private_key_pem, dns_names=["server.lab"])
certificate = tls.LocallySignedCert(
    "server",
    ca_cert_pem=authority.cert_pem,
    ca_private_key_pem=authority_key.private_key_pem,
    cert_request_pem=request.cert_request_pem,
    allowed_uses=["server_auth"],
    validity_period_hours=50,
    early_renewal_hours=pulumi.Config().get_int("early") or 0,
)
pulumi.export("authority", authority.cert_pem)
pulumi.export("certificate", certificate.cert_pem)
pulumi.export("password", password.result)
pulumi.export("key", key.private_key_pem)
