"""An infrastructure stack, which exports its machines as hosts of a cluster."""

import pulumi

pulumi.export("hosts", {"infra": {"fqdn": "h1.lab.internal", "ip": "10.77.0.11"}})
pulumi.export("names", ["h1.lab.internal"])
pulumi.export("hidden", pulumi.Output.secret({"infra": {"fqdn": "h1.lab.internal"}}))
