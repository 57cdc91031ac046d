"""In order: each test goes on with the host that the one before has left."""
import pytest
from host import SLOW, Host
from polling import until

FIRST, SECOND = Host.VERSIONS
JOBS_GROUP = "/system.slice/nightshift-jobs.service/"

pytestmark = pytest.mark.timeout(1800)


def test_systemd_is_process_1_and_control_groups_are_version_2(guest):
    assert guest.text("cat /proc/1/comm") == "systemd"
    assert guest.text("stat -f --format %T /sys/fs/cgroup") == "cgroup2fs"


def test_the_servers_package_starts_it_under_its_own_user(host):
    assert host.guest.text("systemctl is-active nightshift") == "active"
    assert host.guest.text("systemctl is-enabled nightshift") == "enabled"
    assert host.guest.text("ps -o user= -p $(systemctl show --property MainPID --value nightshift)").startswith("nights")
    assert host.guest.text("stat --format '%a %U' /var/lib/nightshift /var/lib/nightshift/admin-credentials") == "700 nightshift\n600 nightshift"


def test_the_agents_package_waits_for_its_settings(host):
    host.install(FIRST, "nightshift-agent")
    assert host.guest.run("systemctl is-active nightshift-agent", check=False).stdout.strip() == "inactive"
    assert host.guest.run("systemctl is-failed nightshift-agent", check=False).stdout.strip() == "inactive"


def test_install_enrols_and_erases_the_activation(host):
    host.enrol()
    assert host.guest.text("systemctl is-active nightshift-agent nightshift-jobs") == "active\nactive"
    assert host.guest.text("systemctl is-enabled nightshift-agent") == "enabled"
    assert host.guest.text("stat --format %a /etc/nightshift/agent.env") == "600"
    assert host.guest.text("ls /etc/nightshift | tr '\\n' ' '") == "agent-ca.pem agent.env server.env server.key server.pem"
    assert host.guest.run("test -e /etc/systemd/system/nightshift-agent.service", check=False).returncode == 1  # the package's serve


def test_a_job_runs_in_a_control_group_below_the_delegated_unit(host):
    result = host.wait(host.send("cat /proc/self/cgroup", "cat /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/cgroup.controllers"))
    assert result["Status"] == "Success"
    assert JOBS_GROUP in result["StandardOutputContent"]
    assert {"cpu", "memory", "pids"} <= set(result["StandardOutputContent"].split())


def test_jobs_inherit_no_sandbox(host):
    lines = host.wait(host.send("grep -E 'NoNewPrivs|CapBnd|Seccomp:' /proc/self/status; cat /proc/self/oom_score_adj; ulimit -n"))
    assert lines["StandardOutputContent"].split() == [
        "CapBnd:", host.guest.text("sed -n 's/CapBnd:\\t//p' /proc/1/status"), "NoNewPrivs:", "0", "Seccomp:", "0", "0", "1024"]


def test_a_job_outlives_a_restart_of_the_agents_unit(host):
    command, before = host.start_job("restart"), host.agent_pid()
    host.guest.run("systemctl restart nightshift-agent")
    assert host.agent_pid() != before
    result = host.finish_job("restart", command)
    assert (result["Status"], result["StandardOutputContent"], host.starts("restart")) == ("Success", "begun\nended\n", "1")


def test_a_job_outlives_a_kill_of_the_agent_which_systemd_starts_again(host):
    command, before = host.start_job("kill"), host.agent_pid()
    host.guest.run(f"kill -9 {before}")
    until(lambda: host.agent_pid() not in ("0", before), SLOW, "another agent runs")
    result = host.finish_job("kill", command)
    assert (result["Status"], result["StandardOutputContent"], host.starts("kill")) == ("Success", "begun\nended\n", "1")


def test_a_job_that_ends_while_the_agent_is_stopped_is_reported_later(host):
    command = host.start_job("stopped")
    host.guest.run("systemctl stop nightshift-agent; touch /tmp/stopped.go; sleep 3; systemctl start nightshift-agent")
    result = host.wait(command)
    assert (result["Status"], result["StandardOutputContent"]) == ("Success", "begun\nended\n")


def test_an_upgrade_in_place_ends_no_job(host):
    command = host.start_job("upgrade")
    host.install(SECOND, *Host.PACKAGES)
    assert host.version() == SECOND
    assert host.guest.text("systemctl is-active nightshift nightshift-agent") == "active\nactive"
    host.wait_until_online()
    result = host.finish_job("upgrade", command)
    assert (result["Status"], result["StandardOutputContent"], host.starts("upgrade")) == ("Success", "begun\nended\n", "1")


def test_a_command_can_upgrade_its_own_agent(host):
    """Back to the first version: for dpkg that is an upgrade too."""
    files = host.files(FIRST, "nightshift-common", "nightshift-agent", "nightshift")
    result = host.wait(host.send(f"dpkg -i {files} 2>&1", "echo done"))
    assert result["Status"] == "Success" and result["StandardOutputContent"].endswith("done\n")
    assert host.version() == FIRST
    host.wait_until_online()


def test_a_cancel_ends_what_hides_from_sessions_and_parents(host):
    """A daemon of its own session that has lost its parent and ignores SIGTERM."""
    command = host.start_job("hidden", lines="(trap '' TERM; setsid sh -c \"trap '' TERM; (sleep 7777 & echo x > /tmp/hidden.daemon; wait) &\" &)")
    until(lambda: host.guest.run("pgrep -f 'sleep 7777'", check=False).returncode == 0, SLOW, "the daemon runs")
    host.ssm.cancel_command(CommandId=command)
    assert host.wait(command)["Status"] == "Cancelled"
    assert host.guest.run("pgrep -f 'sleep 7777'", check=False).returncode == 1
    assert host.guest.text(f"find /sys/fs/cgroup{JOBS_GROUP} -name '{command}*'") == ""


LIMITED = "Nightshift-RunShellScript"


def test_limits_of_a_command_are_its_control_groups(host):
    group = "/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)"
    result = host.wait(host.send(f"cd {group}; cat memory.max cpu.max pids.max", document=LIMITED, memoryMax="64M", cpuQuota="50%", tasksMax="20"))
    assert result["StandardOutputContent"] == "67108864\n50000 100000\n20\n", result


def test_a_job_without_memory_fails_and_nothing_else_does(host):
    before = host.agent_pid()
    result = host.wait(host.send("python3 -c 'b = bytearray(300 << 20); print(len(b))'", "echo after", document=LIMITED, memoryMax="64M"))
    assert "314572800" not in result["StandardOutputContent"]
    assert "memory" in result["StandardErrorContent"].lower() or result["Status"] == "Failed", result
    assert host.agent_pid() == before
    assert host.guest.text("systemctl is-active nightshift-agent nightshift-jobs") == "active\nactive"


def test_processor_time_is_limited(host):
    result = host.wait(host.send(
        "timeout 6 sh -c 'while :; do :; done'; cat /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/cpu.stat", document=LIMITED, cpuQuota="20%"))
    used = next(int(line.split()[1]) for line in result["StandardOutputContent"].splitlines() if line.startswith("usage_usec"))
    assert used < 6_000_000 * 0.20 * 1.5, result["StandardOutputContent"]


def test_stopping_the_unit_of_the_jobs_ends_them_as_failed(host):
    command = host.start_job("unit")
    host.guest.run("systemctl stop nightshift-jobs")
    result = host.wait(command)
    assert result["Status"] == "Failed" and result["StandardOutputContent"] == "begun\n"
    assert host.guest.run("pgrep --runstates S,R,D nightshift-run", check=False).stdout == ""  # the agent waits for it a moment later
    host.guest.run("systemctl restart nightshift-agent")  # brings the jobs' unit back
    assert host.guest.text("systemctl is-active nightshift-jobs") == "active"
    host.wait_until_online()
    assert JOBS_GROUP in host.wait(host.send("cat /proc/self/cgroup"))["StandardOutputContent"]


@pytest.mark.parametrize("name, how", [("crash", "echo b > /proc/sysrq-trigger"), ("orderly", "systemctl reboot")])
def test_a_reboot_during_a_job_is_failed_as_what_it_is(host, name, how):
    command = host.start_job(name)
    host.guest.run(f"cp /tmp/{name}.starts /root/{name}.starts; sync")
    host.guest.reboot(how)
    host.wait_until_online()
    result = host.wait(command)
    assert (result["Status"], result["StatusDetails"]) == ("Failed", "NodeRebooted"), result
    assert host.guest.run(f"test -e /tmp/{name}.starts && wc -l < /tmp/{name}.starts || echo 1").stdout.strip() == "1"
    assert host.wait(host.send("echo again"))["StandardOutputContent"] == "again\n"


def test_removing_the_agents_package_lets_a_job_end_and_the_next_agent_reports_it(host):
    command = host.start_job("remove")
    host.guest.run("DEBIAN_FRONTEND=noninteractive dpkg --remove nightshift-agent")
    assert host.guest.text("pgrep -c nightshift-run") == "1"
    host.guest.run("touch /tmp/remove.go; sleep 3")
    assert host.guest.run("pgrep nightshift-run", check=False).returncode == 1
    host.install(FIRST, "nightshift-agent")
    host.wait_until_online()
    assert host.wait(command)["StandardOutputContent"] == "begun\nended\n"


def test_a_purge_leaves_nothing(host):
    host.guest.run("DEBIAN_FRONTEND=noninteractive dpkg --purge nightshift-agent")
    left = host.guest.text("ls -d /var/lib/nightshift-agent /etc/nightshift/agent* /lib/systemd/system/nightshift-agent.service 2>/dev/null || true")
    assert left == ""
    assert host.guest.run("systemctl is-active nightshift-agent nightshift-jobs", check=False).stdout.split() == ["inactive", "inactive"]


def test_an_agent_without_package_is_installed_and_uninstalled_by_itself(host):
    host.guest.run("mkdir -p /opt/nightshift; cp /usr/lib/nightshift/nightshift /opt/nightshift/")
    host.guest.run(f"dpkg-deb --fsys-tarfile {host.files(FIRST, 'nightshift-agent')} | tar -xO ./usr/lib/nightshift/nightshift-run "
                   "> /opt/nightshift/nightshift-run; chmod +x /opt/nightshift/nightshift-run")
    host.enrol("/opt/nightshift/nightshift")
    assert host.guest.text("systemctl show --property FragmentPath --value nightshift-agent") == "/etc/systemd/system/nightshift-agent.service"
    assert JOBS_GROUP in host.wait(host.send("cat /proc/self/cgroup"))["StandardOutputContent"]
    host.guest.run("/opt/nightshift/nightshift agent uninstall --purge")
    assert host.guest.text("ls -d /var/lib/nightshift-agent /etc/nightshift/agent* /etc/systemd/system/nightshift-* 2>/dev/null || true") == ""
    assert host.guest.run("systemctl is-active nightshift-agent nightshift-jobs", check=False).stdout.split() == ["inactive", "inactive"]


def test_the_server_is_removed_and_purged(host):
    host.guest.run("DEBIAN_FRONTEND=noninteractive dpkg --remove nightshift nightshift-common")
    assert host.guest.run("systemctl is-active nightshift", check=False).stdout.strip() == "inactive"
    assert host.guest.text("ls /var/lib/nightshift/admin-credentials") != ""
    host.guest.run("dpkg --purge nightshift")
    assert host.guest.run("test -e /var/lib/nightshift", check=False).returncode == 1
