/// The systemd units of an agent: the agent's own, and one whose control group the jobs live in.
///
/// Two units, because systemd ends a unit's processes with the unit: jobs must not end with an agent that is restarted, upgraded or
/// killed, and they must end, in order and with their results kept, when the host shuts down.
enum AgentUnits {
    /// The agent's unit.
    static let agentName = "nightshift-agent.service"
    /// The unit of the jobs.
    static let jobsName = "nightshift-jobs.service"
    /// The control group of the jobs' unit, where cgroup v2 is mounted.
    static let jobsControlGroup = "/sys/fs/cgroup/system.slice/\(jobsName)"

    /// The agent's unit for a program at this path, with its settings in a file of the environment.
    static func agent(program: String, settingsPath: String) -> String {
        """
        [Unit]
        Description=Nightshift agent: runs the commands that the server sends
        Wants=network-online.target \(jobsName)
        After=network-online.target nss-user-lookup.target remote-fs.target \(jobsName)
        # Written by `nightshift agent install`; without it there is no server to talk to.
        ConditionPathExists=\(settingsPath)
        # However often the agent ends, it is started again.
        StartLimitIntervalSec=0

        [Service]
        EnvironmentFile=\(settingsPath)
        Environment=NIGHTSHIFT_AGENT_CONTROL_GROUP=\(jobsControlGroup)
        ExecStart=\(program) agent
        Restart=always
        RestartSec=1
        # Only an operator can help: settings that are wrong, no activation, or one that the server refuses.
        RestartPreventExitStatus=2 \(AgentCommand.configurationExitCode)
        # The supervisors of running jobs outlive the agent: only the agent itself is stopped.
        KillMode=process
        # A job without memory must not take the agent with it, nor all jobs together run into a limit of the agent's.
        OOMPolicy=continue
        TasksMax=infinity
        # What is set here is inherited by every job. So no sandboxing (ProtectSystem, PrivateTmp, NoNewPrivileges,
        # CapabilityBoundingSet and their kin), no limits, no priorities.

        [Install]
        WantedBy=multi-user.target

        """
    }

    /// The unit of the jobs: a control group that systemd leaves to the agent (`Delegate`). Each command gets one of its own in it.
    static func jobs(program: String, settingsPath: String) -> String {
        """
        [Unit]
        Description=Jobs of the Nightshift agent
        # Stopping this unit ends all jobs, as a shutdown does. Neither a stop nor an upgrade of the agent stops it.

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        Delegate=cpu memory pids
        # systemd removes the control group of a unit without processes, so one stays in it, in a child: the kernel wants the inner
        # group without processes (cgroups(7), "no internal processes") before its children may be limited. Without cgroup v2: nothing.
        ExecStart=-/bin/sh -ec 'cd "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)"; mkdir -p holder; echo 0 >holder/cgroup.procs; \\
            sleep infinity &'
        # Asks the supervisors, so that they know who ended their jobs; systemd then ends what is left.
        EnvironmentFile=-\(settingsPath)
        ExecStop=-\(program) agent end-jobs
        TimeoutStopSec=30
        OOMPolicy=continue
        TasksMax=infinity

        """
    }
}
