extension CommandDocument {
    /// The documents that every account has: AWS's own ones under their names, and one that says more than AWS's can.
    static let builtIn: [CommandDocument] = [
        ("AWS-RunPowerShellScript", runPowerShellScript), ("AWS-RunRemoteScript", runRemoteScript),
        ("AWS-RunShellScript", runShellScript),
        ("Nightshift-RunShellScript", runShellScriptAs),
    ].compactMap { name, content in
        // They are read by a test; one that was wrong would be missing there.
        try? CommandDocument(name: name, text: DocumentText(text: content, format: .json))
    }

    /// When AWS's documents were made; ours shows the same. Milliseconds since 1970.
    static let builtInCreatedAt: Int64 = 1_448_928_000_000

    /// Who is shown as the owner of this built-in document.
    var builtInOwner: String { name.hasPrefix("AWS-") ? "Amazon" : "Nightshift" }

    /// The parameters that AWS's two script documents have in common.
    private static let scriptParameters = #"""
                "workingDirectory": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The path to the working directory on your instance.",
                    "maxChars": 4096
                },
                "executionTimeout": {
                    "type": "String",
                    "default": "3600",
                    "description": "(Optional) The time in seconds for a command to complete before it is considered to have failed. Default is 3600 (1 hour). Maximum is 172800 (48 hours).",
                    "allowedPattern": "([1-9][0-9]{0,4})|(1[0-6][0-9]{4})|(17[0-1][0-9]{3})|(172[0-7][0-9]{2})|(172800)"
                }
        """#

    private static let runShellScript = script(
        plugin: "aws:runShellScript", description: "Run a shell script or specify the commands to run.",
        commands: "(Required) Specify a shell script or a command to run.")

    private static let runPowerShellScript = script(
        plugin: "aws:runPowerShellScript", description: "Run a PowerShell script or specify the paths to scripts to run.",
        commands: "(Required) Specify the commands to run or the paths to existing scripts on the instance.")

    private static func script(plugin: String, description: String, commands: String) -> String {
        #"""
        {
            "schemaVersion": "1.2",
            "description": "\#(description)",
            "parameters": {
                "commands": {
                    "type": "StringList",
                    "description": "\#(commands)",
                    "minItems": 1,
                    "displayType": "textarea"
                },
        \#(scriptParameters)
            },
            "runtimeConfig": {
                "\#(plugin)": {
                    "properties": [
                        {
                            "id": "0.\#(plugin)",
                            "runCommand": "{{ commands }}",
                            "workingDirectory": "{{ workingDirectory }}",
                            "timeoutSeconds": "{{ executionTimeout }}"
                        }
                    ]
                }
            }
        }
        """#
    }

    private static let runShellScriptAs = #"""
        {
            "schemaVersion": "2.2",
            "description": "Run a shell script as a user, with an environment and within limits.",
            "parameters": {
                "commands": {
                    "type": "StringList",
                    "description": "(Required) Specify a shell script or a command to run.",
                    "minItems": 1,
                    "displayType": "textarea"
                },
        \#(scriptParameters),
                "runAsUser": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The user to run as, by name or number. Default is the node's or the agent's setting."
                },
                "runAsGroup": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The group to run as, by name or number. Default is the user's own."
                },
                "environment": {
                    "type": "StringMap",
                    "default": {},
                    "description": "(Optional) Environment variables, as a JSON object of strings."
                },
                "umask": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The file mode creation mask, octal: 027."
                },
                "nice": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The niceness, from -20 to 19."
                },
                "limits": {
                    "type": "StringMap",
                    "default": {},
                    "description": "(Optional) Resource limits, as a JSON object of names with soft and hard limits: {\"nofile\": \"1024:4096\", \"core\": \"unlimited\"}."
                },
                "memoryMax": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The memory that all processes together may use: 512M, 2G."
                },
                "cpuQuota": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The processor time that all processes together may use, in percent of one core: 50%."
                },
                "tasksMax": {
                    "type": "String",
                    "default": "",
                    "description": "(Optional) The number of processes and threads that there may be."
                }
            },
            "mainSteps": [
                {
                    "action": "aws:runShellScript",
                    "name": "runShellScript",
                    "inputs": {
                        "runCommand": "{{ commands }}",
                        "workingDirectory": "{{ workingDirectory }}",
                        "timeoutSeconds": "{{ executionTimeout }}",
                        "runAsUser": "{{ runAsUser }}",
                        "runAsGroup": "{{ runAsGroup }}",
                        "environment": "{{ environment }}",
                        "umask": "{{ umask }}",
                        "nice": "{{ nice }}",
                        "limits": "{{ limits }}",
                        "memoryMax": "{{ memoryMax }}",
                        "cpuQuota": "{{ cpuQuota }}",
                        "tasksMax": "{{ tasksMax }}"
                    }
                }
            ]
        }
        """#
}
