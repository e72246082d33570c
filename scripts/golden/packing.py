"""How the golden programs pack bytes into JSON."""

import base64
import gzip
import io


def packed(data):
    """Base64 of gzip."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as file:
        file.write(data)
    return base64.b64encode(target.getvalue()).decode()
