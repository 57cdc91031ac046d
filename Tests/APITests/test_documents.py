"""Documents of Systems Manager: kept, versioned and shown, with unmodified clients."""
import hashlib
import json

import pytest

from refusals import error

STEPS = [{"action": "aws:runShellScript", "name": "say", "inputs": {"runCommand": ["echo {{ what }}"]}}]
YAML = """\
schemaVersion: '2.2'
description: says something
parameters:
  what:
    type: String
    default: hello
    description:
mainSteps:
  - action: aws:runShellScript
    name: say
    inputs:
      runCommand:
        - echo {{ what }}
"""


def content(what, **more):
    """A document that prints a text."""
    parameters = {"what": {"type": "String", "default": what}}
    return json.dumps({"schemaVersion": "2.2", "description": f"says {what}", "parameters": parameters, "mainSteps": STEPS, **more})


@pytest.fixture
def ssm(client):
    return client("ssm")


@pytest.fixture
def make(ssm):
    """Creates documents that are gone after the test."""
    made = []

    def create(name, text=None, **more):
        description = ssm.create_document(Name=name, Content=text or content("hello"), DocumentType="Command", **more)
        made.append(name)
        return description["DocumentDescription"]

    yield create
    for name in made:
        try:
            ssm.delete_document(Name=name)
        except ssm.exceptions.InvalidDocument:
            pass


def test_a_document_is_created_and_described(ssm, make):
    text = content("hello", parameters={
        "what": {"type": "String", "default": "hello", "description": "what to say", "allowedValues": ["hello", "bye"]},
        "times": {"type": "Integer", "default": 3}, "loud": {"type": "Boolean", "default": False},
        "hosts": {"type": "StringList", "default": ["a", "b"]}, "env": {"type": "StringMap", "default": {"A": "1"}},
        "disks": {"type": "MapList", "default": [{"name": "sda"}]}})
    made = make("doc-described", text, VersionName="first", TargetType="/AWS::EC2::Instance", DisplayName="Says hello",
                Tags=[{"Key": "team", "Value": "night"}])
    assert made["Hash"] == hashlib.sha256(text.encode()).hexdigest()
    expected = {
        "Name": "doc-described", "HashType": "Sha256", "Owner": "000000000000", "Status": "Active", "DocumentVersion": "1",
        "VersionName": "first", "DisplayName": "Says hello", "Description": "says hello", "PlatformTypes": ["Linux", "MacOS"],
        "DocumentType": "Command", "SchemaVersion": "2.2", "LatestVersion": "1", "DefaultVersion": "1", "DocumentFormat": "JSON",
        "TargetType": "/AWS::EC2::Instance", "Tags": [{"Key": "team", "Value": "night"}]}
    assert {key: made[key] for key in expected} == expected
    assert [(one["Name"], one["Type"], one["DefaultValue"]) for one in made["Parameters"]] == [
        ("what", "String", "hello"), ("times", "Integer", "3"), ("loud", "Boolean", "false"), ("hosts", "StringList", '["a","b"]'),
        ("env", "StringMap", '{"A":"1"}'), ("disks", "MapList", '[{"name":"sda"}]')]
    shown = ssm.describe_document(Name="doc-described")["Document"]
    assert shown == made
    assert ssm.describe_document(Name="arn:aws:ssm:us-east-1:000000000000:document/doc-described")["Document"] == made


def test_yaml_and_json_are_converted_into_each_other(ssm, make):
    make("doc-yaml", YAML, DocumentFormat="YAML")
    own = ssm.get_document(Name="doc-yaml", DocumentFormat="YAML")
    assert (own["Content"], own["DocumentFormat"]) == (YAML, "YAML")
    other = ssm.get_document(Name="doc-yaml")
    assert other["DocumentFormat"] == "JSON"
    assert json.loads(other["Content"])["mainSteps"] == STEPS
    assert list(json.loads(other["Content"])) == ["schemaVersion", "description", "parameters", "mainSteps"]
    make("doc-json", content("x"))
    text = ssm.get_document(Name="doc-json", DocumentFormat="YAML")["Content"]
    make("doc-back", text, DocumentFormat="YAML")
    assert json.loads(ssm.get_document(Name="doc-back")["Content"]) == json.loads(content("x"))


def test_versions(ssm, make):
    make("doc-versions", content("1"), VersionName="one")
    second = ssm.update_document(
        Name="doc-versions", Content=content("2"), DocumentVersion="$LATEST", VersionName="two")["DocumentDescription"]
    assert (second["DocumentVersion"], second["LatestVersion"], second["DefaultVersion"]) == ("2", "2", "1")
    ssm.update_document(Name="doc-versions", Content=YAML, DocumentVersion="2", DocumentFormat="YAML")
    assert ssm.get_document(Name="doc-versions")["Content"] == content("1")
    assert ssm.get_document(Name="doc-versions", VersionName="two")["DocumentVersion"] == "2"
    assert ssm.get_document(Name="doc-versions", DocumentVersion="$LATEST", DocumentFormat="YAML")["Content"] == YAML
    moved = ssm.update_document_default_version(Name="doc-versions", DocumentVersion="2")["Description"]
    assert moved == {"Name": "doc-versions", "DefaultVersion": "2", "DefaultVersionName": "two"}
    listed = ssm.list_document_versions(Name="doc-versions")["DocumentVersions"]
    assert [(one["DocumentVersion"], one["IsDefaultVersion"], one["DocumentFormat"], one["Status"]) for one in listed] == [
        ("1", False, "JSON", "Active"), ("2", True, "JSON", "Active"), ("3", False, "YAML", "Active")]
    ssm.delete_document(Name="doc-versions", DocumentVersion="3")
    assert ssm.describe_document(Name="doc-versions")["Document"]["LatestVersion"] == "2"
    ssm.delete_document(Name="doc-versions")
    assert error(ssm.get_document, Name="doc-versions") == "InvalidDocument: Document with name doc-versions does not exist."


@pytest.mark.parametrize("arguments, expected", [
    ({"DocumentVersion": "1"}, "InvalidDocumentVersion: The document version is not valid or does not exist."),
    ({"Content": content("2")}, "DuplicateDocumentContent: The content of the association document matches another document. "
                                "Change the content of the document and try again."),
    ({"VersionName": "one"}, "DuplicateDocumentVersionName: The specified version name is a duplicate."),
    ({"Content": "{"}, "InvalidDocumentContent: JSON not well-formed. at Line: 1, Column: 2"),
    ({"Name": "doc-nowhere"}, "InvalidDocument: Document with name doc-nowhere does not exist."),
    ({"Content": "#" * 65537, "DocumentFormat": "YAML"}, "MaxDocumentSizeExceeded: The size limit of a document is 64 KB."),
])
def test_updates_that_are_refused(ssm, make, arguments, expected):
    make("doc-refusing", content("1"), VersionName="one")
    ssm.update_document(Name="doc-refusing", Content=content("2"), DocumentVersion="$LATEST")
    request = {"Name": "doc-refusing", "Content": content("3"), "DocumentVersion": "$LATEST", **arguments}
    assert error(ssm.update_document, **request).startswith(expected)


@pytest.mark.parametrize("arguments, expected", [
    ({"Name": "AWS-RunShellScript"}, "DocumentAlreadyExists: Document with same name AWS-RunShellScript already exists"),
    ({"Name": "amazon-mine"}, "ValidationException: "), ({"Name": "x"}, "ValidationException: "),
    ({"DocumentType": "Automation"}, "InvalidDocumentContent: Documents of type Automation"),
    ({"DocumentFormat": "TEXT"}, "InvalidDocumentContent: "), ({"DocumentFormat": "YAML", "Content": "a: ["}, "InvalidDocumentContent: YAML not well-formed."),
    ({"Content": json.dumps({"schemaVersion": "9.9"})}, "InvalidDocumentSchemaVersion: "),
    ({"Content": content("x", mainSteps=[{"action": "aws:dance", "name": "a", "inputs": {}}])}, "InvalidDocumentContent: mainSteps[0].action asks for an unknown plugin: aws:dance."),
    ({"Content": content("x", mainSteps=[{**STEPS[0], "inputs": {}}])}, "InvalidDocumentContent: mainSteps[0].inputs.runCommand is missing."),
    ({"Content": content("x", surprise=1)}, "InvalidDocumentContent: surprise is unknown here."),
])
def test_creations_that_are_refused(ssm, arguments, expected):
    request = {"Name": "doc-refused", "Content": content("x"), "DocumentType": "Command", **arguments}
    assert error(ssm.create_document, **request).startswith(expected)


def test_documents_are_listed_by_filters(ssm, make):
    make("list-alpha", Tags=[{"Key": "env", "Value": "prod"}])
    make("list-beta", Tags=[{"Key": "env", "Value": "test"}])

    def names(*filters):
        pages = ssm.get_paginator("list_documents").paginate(
            Filters=[{"Key": key, "Values": values} for key, values in filters], PaginationConfig={"PageSize": 1})
        return [one["Name"] for page in pages for one in page["DocumentIdentifiers"]]

    assert names(("Name", ["list-"])) == ["list-alpha", "list-beta"]
    assert names(("Name", ["list-"]), ("Owner", ["Amazon"])) == []
    assert "AWS-RunShellScript" in names(("Owner", ["Amazon"]))
    assert names(("tag:env", ["prod"])) == ["list-alpha"]
    assert "AWS-RunPowerShellScript" in names(("PlatformTypes", ["Windows"]))
    assert names(("SearchKeyword", ["list-b"]), ("DocumentType", ["Command"])) == ["list-beta"]
    assert error(ssm.list_documents, Filters=[{"Key": "Colour", "Values": ["x"]}]).startswith("InvalidFilterKey: ")


def test_tags_are_those_of_any_resource(ssm, make):
    make("doc-tagged", Tags=[{"Key": "a", "Value": "1"}])
    resource = {"ResourceType": "Document", "ResourceId": "doc-tagged"}
    ssm.add_tags_to_resource(**resource, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**resource, TagKeys=["a"])
    assert ssm.list_tags_for_resource(**resource)["TagList"] == [{"Key": "b", "Value": "2"}]
    ssm.delete_document(Name="doc-tagged")
    assert error(ssm.list_tags_for_resource, **resource).startswith("InvalidResourceId: ")


def test_sharing_is_kept(ssm, make):
    make("doc-shared")
    permission = {"Name": "doc-shared", "PermissionType": "Share"}
    ssm.modify_document_permission(**permission, AccountIdsToAdd=["123456789012", "All"])
    shown = ssm.describe_document_permission(**permission)
    assert shown["AccountIds"] == ["123456789012", "all"]
    assert error(ssm.delete_document, Name="doc-shared").startswith("InvalidDocumentOperation: ")
    ssm.modify_document_permission(**permission, AccountIdsToRemove=["123456789012", "all"])
    assert ssm.describe_document_permission(**permission)["AccountIds"] == []


def test_a_document_outlives_the_server(start_server):
    server = start_server()
    server.client("ssm").create_document(Name="lasting", Content=YAML, DocumentFormat="YAML", DocumentType="Command")
    server.kill()
    server.start()
    assert server.client("ssm").get_document(Name="lasting", DocumentFormat="YAML")["Content"] == YAML


def test_the_command_line_takes_files(server, tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "hello.yaml").write_text(YAML)
    made = server.aws("ssm", "create-document", "--name", "doc-cli", "--content", f"file://{folder}/hello.yaml", "--document-type",
                      "Command", "--document-format", "YAML")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["DocumentDescription"]["DocumentFormat"] == "YAML"
    (folder / "hello.json").write_text(content("bye"))
    done = server.aws("ssm", "update-document", "--name", "doc-cli", "--content", f"file://{folder}/hello.json", "--document-version",
                      "$LATEST")
    assert json.loads(done.stdout)["DocumentDescription"]["DocumentVersion"] == "2"
    done = server.aws("ssm", "list-documents", "--filters", "Key=Owner,Values=Self", "Key=Name,Values=doc-cli", "--query",
                      "DocumentIdentifiers[].Name", "--output", "text")
    assert done.stdout.strip() == "doc-cli"
    assert server.aws("ssm", "delete-document", "--name", "doc-cli").returncode == 0
