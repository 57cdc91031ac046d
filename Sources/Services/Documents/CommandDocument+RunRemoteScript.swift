extension CommandDocument {
    /// AWS's document that fetches a script and starts it; nodes fetch from S3 alone and refuse the rest when they run.
    static let runRemoteScript = #"""
        {
            "schemaVersion": "2.2",
            "description": "Execute scripts stored in a remote location. The following remote locations are currently supported: GitHub (public and private) and Amazon S3 (S3). The following script types are currently supported: #! support on Linux and file associations on Windows.",
            "parameters": {
                "sourceType": {
                    "description": "(Required) Specify the source type.",
                    "type": "String",
                    "allowedValues": ["GitHub", "S3"]
                },
                "sourceInfo": {
                    "description": "(Required) Specify the information required to access the resource from the source. If source type is S3, then you can specify the URL of the S3 bucket or object: {\"path\": \"https://s3.amazonaws.com/bucket/folder/\"}.",
                    "type": "StringMap",
                    "displayType": "textarea",
                    "default": {}
                },
                "commandLine": {
                    "description": "(Required) Specify the command line to be executed. The following formats of commands can be run: 'pythonMainFile.py argument1 argument2', 'ansible-playbook -i \"localhost,\" -c local example.yml'",
                    "type": "String",
                    "default": ""
                },
                "workingDirectory": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The path where the content will be downloaded and executed from on your instance.",
                    "maxChars": 4096
                },
                "executionTimeout": {
                    "description": "(Optional) The time in seconds for a command to complete before it is considered to have failed. Default is 3600 (1 hour). Maximum is 28800 (8 hours).",
                    "type": "String",
                    "default": "3600",
                    "allowedPattern": "([1-9][0-9]{0,3})|(1[0-9]{1,4})|(2[0-7][0-9]{1,3})|(28[0-7][0-9]{1,2})|(28800)"
                }
            },
            "mainSteps": [
                {
                    "action": "aws:downloadContent",
                    "name": "downloadContent",
                    "inputs": {
                        "sourceType": "{{ sourceType }}",
                        "sourceInfo": "{{ sourceInfo }}",
                        "destinationPath": "{{ workingDirectory }}"
                    }
                },
                {
                    "precondition": {"StringEquals": ["platformType", "Windows"]},
                    "action": "aws:runPowerShellScript",
                    "name": "runPowerShellScript",
                    "inputs": {
                        "runCommand": [
                            "",
                            "$directory = Convert-Path .",
                            "$env:PATH += \";$directory\"",
                            " {{ commandLine }}",
                            "if ($?) {",
                            " exit $LASTEXITCODE",
                            "} else {",
                            " exit 255",
                            "}",
                            ""
                        ],
                        "workingDirectory": "{{ workingDirectory }}",
                        "timeoutSeconds": "{{ executionTimeout }}"
                    }
                },
                {
                    "precondition": {"StringEquals": ["platformType", "Linux"]},
                    "action": "aws:runShellScript",
                    "name": "runShellScript",
                    "inputs": {
                        "runCommand": [
                            "",
                            "directory=$(pwd)",
                            "export PATH=$PATH:$directory",
                            " {{ commandLine }} ",
                            ""
                        ],
                        "workingDirectory": "{{ workingDirectory }}",
                        "timeoutSeconds": "{{ executionTimeout }}"
                    }
                }
            ]
        }
        """#
}
