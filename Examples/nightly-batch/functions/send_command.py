import os
import json
import boto3
ec2 = boto3.resource('ec2')
client = boto3.client('ssm')

def lambda_handler(event, context):

    response = client.send_command(
        InstanceIds=[os.environ['INSTANCE_ID']],
        DocumentName='AWS-RunShellScript',
        DocumentVersion='$DEFAULT',
        TimeoutSeconds=int(os.environ['TIMEOUT_SECONDS']),

        Parameters={
            'commands': [os.environ['BATCH_COMMAND']]
        },

        CloudWatchOutputConfig={
        'CloudWatchOutputEnabled': True
        }
    )
    print(response)

    responseCommand = response['Command']
    commandId = responseCommand['CommandId']

    return {
       'commandId': commandId,
    }
