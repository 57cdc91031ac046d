import Glibc

/// A process that leads its own session, with everything it started in it, as `/proc` shows them.
struct ProcessSession: Sendable, Equatable {
    /// The leader's process id, which is the session's.
    let leader: pid_t
    /// When the leader started, in clock ticks since boot; tells it from a later process of the same number.
    let startTime: UInt64

    /// The session of a process that was started with `setsid`; nil when it is gone.
    init?(leader: pid_t) {
        guard let status = ProcFileSystem.status(of: leader) else { return nil }
        self.init(leader: leader, startTime: status.startTime)
    }

    /// A session known by its numbers.
    init(leader: pid_t, startTime: UInt64) {
        self.leader = leader
        self.startTime = startTime
    }

    /// The processes of the session that are alive, the leader first.
    func members() -> [pid_t] {
        ProcFileSystem.processes().filter { pid in
            // A system call, where reading the status would be a file for each process of the machine.
            guard getsid(pid) == leader, let status = ProcFileSystem.status(of: pid), status.state != UInt8(ascii: "Z") else {
                return false
            }
            return status.session == leader && (pid == leader ? status.startTime == startTime : status.startTime >= startTime)
        }.sorted { ($0 == leader ? 0 : 1, $0) < ($1 == leader ? 0 : 1, $1) }
    }

    /// Kills every process of the session, those that left the leader's process group too, until none is left.
    ///
    /// The session's number cannot pass to others while a process of it lives, nor while its leader has not been waited for.
    func kill() {
        Glibc.kill(-leader, SIGKILL)
        killMembers()
    }

    /// Kills what is left of a session whose leader was another server's child. Its number may long be somebody else's.
    ///
    /// Members are told by their start: none is older than the leader, and a leader of another start means another session.
    func killLeftovers() {
        if let status = ProcFileSystem.status(of: leader), status.startTime != startTime { return }
        killMembers()
    }

    private func killMembers() {
        // A process may have forked between the look and the kill; each round leaves fewer that can.
        for _ in 0..<20 {
            let members = members()
            if members.isEmpty { return }
            for pid in members { Glibc.kill(pid, SIGKILL) }
            sched_yield()
        }
    }

    /// Whether one of these processes holds the client's end of a TCP connection over the loopback interface.
    ///
    /// Where the kernel does not let us look at a process's descriptors, the connection's user decides: it must be the leader's.
    func owns(connectionFrom client: UInt16, to server: UInt16) -> Bool {
        guard let socket = SocketDiagnosis.loopbackSocket(from: client, to: server) ?? ProcFileSystem.tabledSocket(from: client, to: server)
        else { return false }
        // The leader itself nearly always; looking at all processes takes longer.
        switch ProcFileSystem.holds(leader, socketInode: socket.inode) {
        case true?: return true
        case nil: return socket.uid == ProcFileSystem.owner(of: leader)
        case false?: return members().contains { ProcFileSystem.holds($0, socketInode: socket.inode) == true }
        }
    }
}
