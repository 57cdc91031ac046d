import json
import boto3

def lambda_handler(event, context):

    commandId = event['commandId']

    client = boto3.client('ssm')
    response = client.list_command_invocations(
        CommandId=commandId,
        MaxResults=10,
        Details=True
    )

    invocation = response['CommandInvocations'][0]
    status = invocation['Status']
    commandPlugins = invocation['CommandPlugins'][0]
    responseCode = commandPlugins['ResponseCode']
    output = commandPlugins['Output']

    return {
        'RunCommandStatus' : status,
        'RunCommandResponseCode' : responseCode,
        'RunCommandOutput' : output
    }
