"""Parameter Store, as boto3 and the AWS CLI see it."""
import base64
import json

import botocore.exceptions
import pytest

ARN = "arn:aws:ssm:us-east-1:000000000000:parameter"


@pytest.fixture
def ssm(client):
    return client("ssm")


def error(call, **arguments):
    """The code of a boto3 call's error."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]


def put(ssm, name, value, kind="String", **more):
    return ssm.put_parameter(Name=name, Value=value, Type=kind, **more)


def test_a_parameter_is_put_and_read(ssm):
    answer = put(ssm, "/read/host", "db1", Description="where the database is")
    assert (answer["Version"], answer["Tier"]) == (1, "Standard")
    parameter = ssm.get_parameter(Name="/read/host")["Parameter"]
    assert parameter["Value"] == "db1" and parameter["Type"] == "String" and parameter["DataType"] == "text"
    assert parameter["ARN"] == f"{ARN}/read/host"
    assert "Selector" not in parameter
    assert ssm.get_parameter(Name=f"{ARN}/read/host:1")["Parameter"]["Selector"] == ":1"


def test_overwriting_makes_versions(ssm):
    put(ssm, "versions", "a")
    refused = error(ssm.put_parameter, Name="versions", Value="b", Type="String")
    assert refused == {
        "Code": "ParameterAlreadyExists",
        "Message": "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."}
    assert ssm.put_parameter(Name="versions", Value="b", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name="versions:1")["Parameter"]["Value"] == "a"
    assert error(ssm.get_parameter, Name="versions:9")["Code"] == "ParameterVersionNotFound"
    assert error(ssm.put_parameter, Name="versions", Value="c", Type="SecureString", Overwrite=True)["Code"] == "HierarchyTypeMismatchException"
    history = ssm.get_parameter_history(Name="versions")["Parameters"]
    assert [(version["Version"], version["Value"]) for version in history] == [(1, "a"), (2, "b")]
    assert history[0]["LastModifiedUser"].startswith("arn:aws:iam::000000000000:")


def test_labels_name_versions(ssm):
    put(ssm, "labels", "a")
    put(ssm, "labels", "b", Overwrite=True)
    answer = ssm.label_parameter_version(Name="labels", ParameterVersion=1, Labels=["live", "aws-no"])
    assert (answer["InvalidLabels"], answer["ParameterVersion"]) == (["aws-no"], 1)
    assert ssm.get_parameter(Name="labels:live")["Parameter"]["Value"] == "a"
    answer = ssm.unlabel_parameter_version(Name="labels", ParameterVersion=1, Labels=["live", "other"])
    assert (answer["RemovedLabels"], answer["InvalidLabels"]) == (["live"], ["other"])


def test_a_secret_is_encrypted_at_rest_and_opaque(server, ssm):
    put(ssm, "/secret/password", "correct horse battery", "SecureString")
    opaque = ssm.get_parameter(Name="/secret/password")["Parameter"]["Value"]
    assert b"correct horse" not in base64.b64decode(opaque, validate=True)
    assert ssm.get_parameter(Name="/secret/password", WithDecryption=True)["Parameter"]["Value"] == "correct horse battery"
    assert ssm.describe_parameters(ParameterFilters=[{"Key": "Path", "Values": ["/secret"]}])["Parameters"][0]["KeyId"] == "alias/aws/ssm"
    for file in server.data.glob("nightshift.db*"):
        assert b"correct horse battery" not in file.read_bytes()


def test_parameters_survive_a_kill(start_server):
    server = start_server()
    ssm = server.client("ssm")
    put(ssm, "/kept/secret", "s3cret", "SecureString", Tags=[{"Key": "team", "Value": "batch"}])
    server.kill()
    server.start()
    assert ssm.get_parameter(Name="/kept/secret", WithDecryption=True)["Parameter"]["Value"] == "s3cret"
    assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/kept/secret")["TagList"] == [{"Key": "team", "Value": "batch"}]


def test_several_are_read_and_deleted(ssm):
    put(ssm, "several-1", "1")
    put(ssm, "several-2", "2")
    answer = ssm.get_parameters(Names=["several-1", "several-2", "several-3"])
    assert {parameter["Name"] for parameter in answer["Parameters"]} == {"several-1", "several-2"}
    assert answer["InvalidParameters"] == ["several-3"]
    answer = ssm.delete_parameters(Names=["several-1", "several-3"])
    assert (answer["DeletedParameters"], answer["InvalidParameters"]) == (["several-1"], ["several-3"])
    ssm.delete_parameter(Name="several-2")
    assert error(ssm.delete_parameter, Name="several-2")["Code"] == "ParameterNotFound"
    assert error(ssm.get_parameter, Name="several-2")["Code"] == "ParameterNotFound"
    many = error(ssm.get_parameters, Names=[f"p{number}" for number in range(11)])
    assert many["Code"] == "ValidationException" and "Member must have length less than or equal to 10" in many["Message"]


def test_a_path_is_listed_level_by_level_or_whole(ssm):
    for number in range(12):
        put(ssm, f"/tree/leaf-{number:02}", str(number))
    put(ssm, "/tree/branch/leaf", "deep")
    level = ssm.get_paginator("get_parameters_by_path").paginate(Path="/tree")
    assert [parameter["Value"] for page in level for parameter in page["Parameters"]] == [str(number) for number in range(12)]
    whole = ssm.get_paginator("get_parameters_by_path").paginate(Path="/tree", Recursive=True)
    assert len([parameter for page in whole for parameter in page["Parameters"]]) == 13
    assert error(ssm.get_parameters_by_path, Path="tree")["Code"] == "ValidationException"
    assert error(ssm.get_parameters_by_path, Path="/tree", NextToken="x")["Code"] == "InvalidNextToken"


def test_describing_filters(ssm):
    put(ssm, "/describe/a", "1", Tags=[{"Key": "describe", "Value": "x"}])
    put(ssm, "/describe/b", "1,2", "StringList")
    put(ssm, "/describe/c", "x" * 5000, Tier="Intelligent-Tiering", Description="large", AllowedPattern="x+")

    def names(*filters):
        return [parameter["Name"] for parameter in ssm.describe_parameters(ParameterFilters=list(filters))["Parameters"]]

    path = {"Key": "Path", "Option": "Recursive", "Values": ["/describe"]}
    assert names(path) == ["/describe/a", "/describe/b", "/describe/c"]
    assert names({"Key": "tag:describe", "Values": ["x"]}) == ["/describe/a"]
    assert names(path, {"Key": "Type", "Values": ["StringList"]}) == ["/describe/b"]
    assert names(path, {"Key": "Tier", "Values": ["Advanced"]}) == ["/describe/c"]
    assert names({"Key": "Name", "Option": "BeginsWith", "Values": ["/describe/"]}) == ["/describe/a", "/describe/b", "/describe/c"]
    pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=[path], PaginationConfig={"PageSize": 1})
    assert [parameter["Name"] for page in pages for parameter in page["Parameters"]] == ["/describe/a", "/describe/b", "/describe/c"]
    described = ssm.describe_parameters(Filters=[{"Key": "Name", "Values": ["/describe/c"]}])["Parameters"][0]
    assert described["Description"] == "large" and described["AllowedPattern"] == "x+" and described["Policies"] == []
    assert error(ssm.describe_parameters, ParameterFilters=[{"Key": "Label", "Values": ["x"]}])["Code"] == "InvalidFilterKey"


@pytest.mark.parametrize("name, value, more, code, words", [
    ("aws-thing", "v", {}, "ValidationException", "can't be prefixed with \"aws\" or \"ssm\" (case-insensitive)"),
    ("/aws/thing/x", "v", {}, "AccessDeniedException", "No access to reserved parameter name: /aws/thing/x."),
    ("a/b", "v", {}, "ValidationException", "Parameter name must be a fully qualified name."),
    ("/l" * 16, "v", {}, "HierarchyLevelLimitExceededException", "maximum of 15 levels"),
    ("bad name", "v", {}, "ValidationException", "letters, numbers and the following 3 symbols .-_"),
    ("bad", "", {}, "ValidationException", "Member must have length greater than or equal to 1"),
    ("bad", "x" * 4097, {}, "ValidationException", "Standard tier parameters support a maximum parameter value of 4096 characters."),
    ("bad", "abc", {"AllowedPattern": "^\\d+$"}, "ParameterPatternMismatchException", "^\\d+$"),
    ("bad", "v", {"DataType": "Text"}, "ValidationException", "The following data type is not supported: Text"),
    ("bad", "v", {"Type": "Text"}, "ValidationException", "Member must satisfy enum value set: [String, StringList, SecureString]"),
    ("bad", "v", {"Overwrite": True, "Tags": [{"Key": "a", "Value": "b"}]}, "ValidationException", "tags and overwrite can't be used together"),
])
def test_what_is_refused(ssm, name, value, more, code, words):
    refused = error(ssm.put_parameter, **{"Name": name, "Value": value, "Type": "String", **more})
    assert refused["Code"] == code
    assert words in refused["Message"]


def test_a_type_is_needed_once(ssm):
    refused = error(ssm.put_parameter, Name="untyped", Value="v")
    assert (refused["Code"], refused["Message"]) == ("ValidationException", "A parameter type is required when you create a parameter.")


def test_tags_are_added_listed_and_removed(ssm):
    put(ssm, "/tagged/p", "v", Tags=[{"Key": "a", "Value": "1"}])
    resource = {"ResourceType": "Parameter", "ResourceId": "/tagged/p"}
    ssm.add_tags_to_resource(**resource, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**resource, TagKeys=["a"])
    assert ssm.list_tags_for_resource(**resource)["TagList"] == [{"Key": "b", "Value": "2"}]
    assert error(ssm.list_tags_for_resource, ResourceType="Parameter", ResourceId="/tagged/none")["Code"] == "InvalidResourceId"


def test_the_command_line_drives_it(server):
    assert server.aws("ssm", "put-parameter", "--name", "/cli/p", "--value", "one", "--type", "String").returncode == 0
    done = server.aws("ssm", "get-parameters-by-path", "--path", "/cli", "--query", "Parameters[].Value")
    assert json.loads(done.stdout) == ["one"]
    done = server.aws("ssm", "get-parameter", "--name", "/cli/none")
    assert done.returncode in (254, 255)
    assert "(ParameterNotFound) when calling the GetParameter operation" in done.stderr
