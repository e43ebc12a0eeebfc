"""So many records for `dfopt batch`, all of them different: `records.py 100000`."""
from __future__ import annotations

import json
import sys

TEXT = """\
FROM debian:{at}
RUN apt-get update
RUN apt-get install -y package-{at} && \\
    rm -rf /var/lib/apt/lists/*
COPY tool-{at}.deb /tmp/
RUN dpkg -i /tmp/tool-{at}.deb && rm /tmp/tool-{at}.deb
CMD ["tool-{at}"]
"""

for at in range(int(sys.argv[1])):
    print(json.dumps({"id": at, "text": TEXT.format(at=at)}))
