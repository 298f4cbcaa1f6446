"""What the program calls its resources, each name once; a test compares them with the components."""

CLUSTER = "deephaven:index:DeephavenCluster"
TOPOLOGY = "topology"
HOST = "-host"  # the end of the name of the one resource of a host that can delete something on it

COMMAND = "command:remote:Command"
COPY = "command:remote:CopyToRemote"
TRANSFER = "command:local:Command"

PRIVATE_KEY = "tls:index/privateKey:PrivateKey"
SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert"
LOCALLY_SIGNED = "tls:index/locallySignedCert:LocallySignedCert"
CERTIFICATE_REQUEST = "tls:index/certRequest:CertRequest"

# The fixed launcher of a step and of a file transfer; the step's name follows, and a remark when it runs again.
LAUNCHERS = {COMMAND: "sudo -n bash -s -- ", TRANSFER: "bash -s -- "}
# What a remark may be. On the operator's machine it is only a digest, so that nothing in it comes from a host.
REMARKS = {COMMAND: r" +# [A-Za-z0-9 ._/:,+@=-]*", TRANSFER: r"   # again [0-9a-f]{16}"}
# The arrays on a file transfer's standard input: address, port, user and host key of both ends, and of the bastion.
ENDS = ("source", "target")
BASTION = "bastion"
# Inputs that are a secret whatever they hold, by the last name of their path.
SECRET_INPUTS = ("password", "privateKey", "privateKeyPassword", "privateKeyPem", "caPrivateKeyPem")
