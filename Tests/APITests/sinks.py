"""Where tests see the events of a bus: an HTTP endpoint that rules send to as an API destination."""
import contextlib
import json
import uuid

from polling import until
from test_http_tasks import Endpoint

API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "s3cret"}}


class Sink:
    """An API destination, and the events that its endpoint got."""

    def __init__(self, events, endpoint, type="API_KEY", parameters=None, path="/events", **options):
        self.bus_api, self.endpoint, self.path = events, endpoint, path.split("*")[0]
        self.name = f"sink-{uuid.uuid4().hex[:12]}"
        self.connection = events.create_connection(
            Name=self.name, AuthorizationType=type, AuthParameters=parameters or API_KEY)["ConnectionArn"]
        self.arn = events.create_api_destination(
            Name=self.name, ConnectionArn=self.connection, InvocationEndpoint=endpoint.url + path,
            **{"HttpMethod": "POST", **options})["ApiDestinationArn"]
        self.rules = []

    def rule(self, pattern, bus="default", **target):
        """A rule that sends what matches to the endpoint; its ARN."""
        name = f"rule-{uuid.uuid4().hex[:12]}"
        arn = self.bus_api.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))["RuleArn"]
        self.rules.append((name, bus))
        put = self.bus_api.put_targets(
            Rule=name, EventBusName=bus,
            Targets=[{"Id": "sink", "Arn": self.arn, "RoleArn": "arn:aws:iam::000000000000:role/events", **target}])
        assert put["FailedEntryCount"] == 0
        return arn

    @property
    def requests(self):
        return [request for request in list(self.endpoint.requests) if request["path"].startswith(self.path)]

    @property
    def events(self):
        return [json.loads(request["body"]) for request in self.requests]

    def wait(self, count, where=lambda event: True, seconds=30):
        """The first events of which `where` holds, once there are so many."""
        def reached():
            found = [event for event in self.events if where(event)]
            return found if len(found) >= count else None
        return until(reached, seconds, f"{count} events at the endpoint")

    def close(self):
        for name, bus in self.rules:
            with contextlib.suppress(self.bus_api.exceptions.ResourceNotFoundException):
                self.bus_api.remove_targets(Rule=name, EventBusName=bus, Ids=["sink"])
                self.bus_api.delete_rule(Name=name, EventBusName=bus)
        self.bus_api.delete_api_destination(Name=self.name)
        self.bus_api.delete_connection(Name=self.name)


@contextlib.contextmanager
def sink(events, **options):
    """A new sink on an endpoint of its own."""
    endpoint = Endpoint()
    made = Sink(events, endpoint, **options)
    try:
        yield made
    finally:
        with contextlib.suppress(Exception):
            made.close()
        endpoint.stop()


def put(events, bus, detail=None, *, source="shop", detail_type="Order Placed", **more):
    """Puts one event; returns its id."""
    answer = events.put_events(Entries=[{
        "EventBusName": bus, "Source": source, "DetailType": detail_type, "Detail": json.dumps(detail or {}), **more}])
    assert answer["FailedEntryCount"] == 0, answer
    return answer["Entries"][0]["EventId"]
