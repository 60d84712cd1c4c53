"""Ledgerline (v3): a unified project is a job. The README has the API."""

from pathlib import Path

from ledgerline.request import exchange
from ledgerline.response import step
from patchboard import Plugin


class Mapper(Plugin):
    # Read when the plugin is built: a plugin has no files.
    manifest = (Path(__file__).parent / "manifest.json").read_text("utf-8")

    def request(self, account, request):
        return exchange(request)

    def response(self, account, request, state, response):
        return step(request, state, response)
