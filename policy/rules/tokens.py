"""Names and types of the program's resources, each in one place; a test compares them with the components."""

CLUSTER = "deephaven:index:DeephavenCluster"
TOPOLOGY = "topology"
HOST = "-host"  # the suffix of a host's resource, whose deletion decommissions the host

COMMAND = "command:remote:Command"
COPY = "command:remote:CopyToRemote"
TRANSFER = "command:local:Command"

PRIVATE_KEY = "tls:index/privateKey:PrivateKey"
SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert"
LOCALLY_SIGNED = "tls:index/locallySignedCert:LocallySignedCert"
CERTIFICATE_REQUEST = "tls:index/certRequest:CertRequest"

# The launchers of steps and file transfers; the step's name follows, then a comment if the step runs again.
LAUNCHERS = {COMMAND: "sudo -n bash -s -- ", TRANSFER: "bash -s -- "}
# The allowed comments. On the operator's machine it is only a digest, so that it contains no text from a host.
COMMENTS = {COMMAND: r" +# [A-Za-z0-9 ._/:,+@=-]*", TRANSFER: r"   # again [0-9a-f]{16}"}
# The arrays on a file transfer's standard input: address, port, user and host key of both ends, and of the bastion.
ENDS = ("source", "target")
BASTION = "bastion"
# Inputs that are always secret, by the last name of their path.
SECRET_INPUTS = ("password", "privateKey", "privateKeyPassword", "privateKeyPem", "caPrivateKeyPem")
