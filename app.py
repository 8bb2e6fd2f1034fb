"""Entry of the page: ``python app.py``, and what a hosting service starts."""

import sys

from presenter.errors import PresenterError
from presenter.settings import read
from presenter.studio import Studio
from presenter.web import serve


def main() -> int:
    """Run the page until it is stopped; returns the exit status."""
    try:
        serve(Studio(read()))
    except PresenterError as error:
        print(error, file=sys.stderr)
        return error.exit
    return 0


# Workers that draw are spawned processes, which import this file again.
if __name__ == "__main__":
    sys.exit(main())
