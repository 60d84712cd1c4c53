"""Between unified statuses and Ledgerline's states."""

NATIVE = {"open": "open", "completed": "done", "cancelled": "dropped"}
UNIFIED = {native: unified for unified, native in NATIVE.items()}
