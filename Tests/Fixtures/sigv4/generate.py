#!/usr/bin/env python3
"""Writes botocore-vectors.json: requests signed by botocore, for RequestSigning to verify and to sign alike.

Run with an interpreter that has botocore:  python3 generate.py
The key is the one of AWS's published examples; the clock is fixed, so the output is the same each time.
"""
import datetime
import hashlib
import json
import pathlib
from unittest import mock
from urllib.parse import urlsplit

import botocore
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGd"
NOW = datetime.datetime(2026, 11, 20, 23, 35, 56)

TARGETS = [
    "/", "/2015-03-31/functions", "/2015-03-31/functions/nightly%20batch/invocations",
    "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Acheck/invocations",
    "/a/./b/../c//d/", "/%C3%A9/%E1%88%B4", "/tilde~/under_score/dash-/dot.", "/star*/plus%2B/at@/colon:/equals=/comma,/",
    "/?b=2&a=1&a=0&a=", "/?flag&empty=&z=%20&y=%2F", "/?name=%C3%A9%E2%82%AC&arn=arn%3Aaws%3Asns", "/?A=1&a=2&B=3&b=4",
    "/?a-=1&a=2&aa=3&a.=4", "/x?tilde=~&star=%2A&quote=%22",
]
BODIES = [b"", b'{"name":"nightly"}', "Grüße aus Zürich".encode(), b"Action=Publish&Version=2010-03-31&Message=a+b%26c"]
HEADERS = [
    [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AWSStepFunctions.StartExecution")],
    [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
    [("X-Spaces", "  a   b  c "), ("X-Empty", ""), ("X-Quoted", '"a   b"'), ("User-Agent", "aws-cli/2")],
]


def request(method, target, headers, body, service):
    url = f"http://{service}.us-east-1.amazonaws.com{target}"
    made = AWSRequest(method=method, url=url, data=body)
    made.headers["Host"] = urlsplit(url).netloc
    for name, value in headers:
        made.headers[name] = value
    return made


def vector(name, signer, made, body, service, token, expires=None):
    signer.add_auth(made)
    parts = urlsplit(made.url)
    return {
        "name": name, "service": service, "region": "us-east-1", "sessionToken": token, "expires": expires, "method": made.method,
        "target": parts.path + ("?" + parts.query if parts.query else ""), "body": body.decode(),
        "headers": [[key, value.decode() if isinstance(value, bytes) else value] for key, value in made.headers.items()],
    }


def main():
    vectors = []
    with mock.patch.object(auth, "get_current_datetime", return_value=NOW):
        for index, target in enumerate(TARGETS):
            for style in ("api", "objects"):
                service = "s3" if style == "objects" else ["states", "lambda", "sns", "ssm"][index % 4]
                signer = auth.S3SigV4Auth if style == "objects" else auth.SigV4Auth
                body, headers = BODIES[index % 4], HEADERS[index % 3]
                token = TOKEN if index % 5 == 4 else None
                credentials = Credentials(KEY, SECRET, token)
                method = "POST" if body else "GET"
                # A raw "+", "*", ":" or "," in an object key is a matter of taste; botocore itself always encodes them.
                if style == "objects" and any(mark in target for mark in "*:@,="):
                    continue
                made = request(method, target, headers, body, service)
                vectors.append(vector(f"header {style} {target}", signer(credentials, service, "us-east-1"), made, body, service, token))
                signer = auth.S3SigV4QueryAuth if style == "objects" else auth.SigV4QueryAuth
                made = request("GET", target, [], b"", service)
                vectors.append(vector(
                    f"presigned {style} {target}", signer(credentials, service, "us-east-1", expires=3600), made, b"", service, token, 3600))
    document = {
        "source": f"botocore {botocore.__version__}", "accessKeyId": KEY, "secretAccessKey": SECRET,
        "now": NOW.strftime("%Y%m%dT%H%M%SZ"), "vectors": vectors,
    }
    path = pathlib.Path(__file__).with_name("botocore-vectors.json")
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    print(len(vectors), "vectors,", hashlib.sha256(path.read_bytes()).hexdigest())


main()
