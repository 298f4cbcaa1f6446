"""Makes the controller of this host reload its list of query servers."""

import http.client
import json
import sys

from . import vocabulary


def main() -> None:
    """Send the request and report the answer."""
    service = vocabulary.service("controller")
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    try:
        connection.request("POST", "/reload")
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException) as problem:
        sys.exit(f"{service.name} does not answer on this host: {problem}")
    if response.status != http.client.OK:
        sys.exit(f"{service.name}: {answer['error']}")
    print(f"reloaded, query servers: {', '.join(answer['query_servers'])}")


if __name__ == "__main__":
    main()
