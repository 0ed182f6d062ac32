"""Start the stand-in provider: `python -m tests.standin --ledger FILE --account AC... --token T --service MG... --replies-url U`.

The first line it prints is its own address.
"""

import argparse
from pathlib import Path

from tests.standin.ledger import Ledger
from tests.standin.server import Account, Provider, serve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--account", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--service", required=True)
    parser.add_argument("--replies-url", required=True)
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    account = Account(asked.account, asked.token, asked.service, asked.replies_url)
    server = serve(Provider(account, Ledger(asked.ledger)), asked.port)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
