"""For ``pytest --nbval-lax notebooks``: trainings stop after a few steps. What is compared does not depend on them."""

import os

os.environ.setdefault("WORKBOOK_QUICK", "1")
