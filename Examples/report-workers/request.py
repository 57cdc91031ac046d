#!/usr/bin/env python3
"""Asks for a report: puts the request into the queue of its size. Prints the request's id.

    ./request.py --id spring-2026 north south east
"""
import argparse
import json
import uuid

import boto3

# Requests of up to so many schools are quick, and people wait for them; the others must not keep them waiting.
SMALL = 5


def request(sqs, schools, identifier=None):
    """Sends a request; returns its id and the queue's name."""
    identifier = identifier or str(uuid.uuid4())
    queue = "reports-small" if len(schools) <= SMALL else "reports-large"
    sqs.send_message(
        QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody=json.dumps({"id": identifier, "schools": schools}),
        MessageAttributes={"schools": {"DataType": "Number", "StringValue": str(len(schools))}})
    return identifier, queue


def main():
    parser = argparse.ArgumentParser(description="Ask for a report.")
    parser.add_argument("--id", help="the report's name (default: a random one)")
    parser.add_argument("schools", nargs="+", metavar="SCHOOL")
    arguments = parser.parse_args()
    print(*request(boto3.client("sqs"), arguments.schools, arguments.id))


if __name__ == "__main__":
    main()
