"""How what browsers load is stored: under names that carry a hash of the content, compressed.

A page asks only for such names, so browsers keep what they have for ever and never see a mixture
of two versions. `resmi.cli.collecting` puts the files there.
"""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed and compressed; `import` in our modules names the hashed files too."""

    support_js_module_import_aggregation = True
