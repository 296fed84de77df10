import Linux
import Testing

/// How a test gets to a failpoint.
struct Way: Sendable, CustomStringConvertible {
    var point: Failpoint
    /// Commands before it, without the failpoint.
    var before: [[String]] = []
    var command: [String]
    /// The process that dies is the command itself, not a supervisor.
    var killsCommand = true

    var description: String { "\(point.rawValue) by \(command.joined(separator: " "))" }

    private static let program = ["busybox", "echo", "hello"]
    private static let run = ["run", "--name", "web", "-v", "/anonymous"] + program
    private static let runAndRemove = ["run", "--rm", "--name", "web", "-v", "/anonymous"] + program
    private static let detached = ["run", "-d", "--name", "web", "-v", "/anonymous", "busybox", "sleep", "1000"]
    private static let detachedRemoved = ["run", "-d", "--rm", "--name", "web", "-v", "/anonymous", "busybox", "sleep", "1000"]
    private static let onNetwork = ["run", "-d", "--name", "web", "--network", "bridge", "-p", "8080:80", "busybox", "sleep", "1000"]
    private static let makeNetwork = ["network", "create", "other"]
    private static let create = ["create", "--name", "web", "-v", "/anonymous"] + program

    /// Every way to every point.
    static let all: [Way] = Failpoint.allCases.flatMap { ways(to: $0) }

    private static func ways(to point: Failpoint) -> [Way] {
        switch point {
        case .createAfterTicket, .createAfterDirectories, .createAfterVolumes, .createAfterRow:
            [Way(point: point, command: create), Way(point: point, command: runAndRemove)]
        case .startAfterLock, .startAfterRow, .startAfterNetworks, .startAfterPlan, .startAfterListen, .startAfterSpawn, .startAfterReport:
            [
                Way(point: point, command: run), Way(point: point, command: runAndRemove), Way(point: point, command: detached),
                Way(point: point, before: [run], command: ["start", "web"]),
            ]
        case .supervisorAfterCgroup, .supervisorAfterPlan, .supervisorAfterProcess, .supervisorAfterState, .supervisorAfterReport:
            [
                Way(point: point, command: run, killsCommand: false), Way(point: point, command: runAndRemove, killsCommand: false),
                Way(point: point, command: detached, killsCommand: false), Way(point: point, command: detachedRemoved, killsCommand: false),
                Way(point: point, before: [run], command: ["start", "web"], killsCommand: false),
            ]
        case .networkAfterNamespace, .networkAfterInterfaces, .networkAfterPorts, .networkAfterNames:
            [Way(point: point, command: run, killsCommand: false), Way(point: point, command: detachedRemoved, killsCommand: false)]
        case .exitAfterReap, .exitAfterFile, .exitAfterTelling, .exitAfterCgroup, .exitAfterRow, .exitAfterFiles:
            [
                Way(point: point, command: run, killsCommand: false), Way(point: point, command: runAndRemove, killsCommand: false),
                Way(point: point, before: [run], command: ["start", "-a", "web"], killsCommand: false),
            ]
        case .removeAfterTicket, .removeAfterData, .removeAfterVolumes, .removeAfterRun, .removeAfterRow:
            [
                Way(point: point, before: [run], command: ["rm", "-v", "web"]),
                Way(point: point, before: [detached], command: ["rm", "-f", "-v", "web"]),
                Way(point: point, command: runAndRemove, killsCommand: false),
            ]
        case .connectAfterLease: [Way(point: point, before: [onNetwork, makeNetwork], command: ["network", "connect", "other", "web"])]
        case .disconnectAfterInterface:
            [Way(point: point, before: [onNetwork, makeNetwork, ["network", "connect", "other", "web"]], command: ["network", "disconnect", "other", "web"])]
        case .stopAfterSignal: [Way(point: point, before: [detached], command: ["stop", "-t", "1", "web"])]
        case .restartAfterStop:
            [
                Way(point: point, before: [detached], command: ["restart", "-t", "0", "web"]),
                Way(point: point, before: [detachedRemoved], command: ["restart", "-t", "0", "web"]),
            ]
        case .pauseAfterRow, .pauseAfterFreeze: [Way(point: point, before: [detached], command: ["pause", "web"])]
        case .unpauseAfterThaw: [Way(point: point, before: [detached, ["pause", "web"]], command: ["unpause", "web"])]
        case .execAfterFile: [Way(point: point, before: [detached], command: ["exec", "web", "true"])]
        // The supervisor has the variable from its start on.
        case .execAfterProcess, .execAfterReap:
            [Way(point: point, before: [detached], command: ["exec", "web", "true"], killsCommand: false)]
        // Tests/Integration/Builds/BuildKilledTests goes to these.
        case .buildAfterWorkplace, .buildAfterLayer, .buildAfterStep, .buildAfterCachedLayer, .buildAfterImages, .buildAfterManifests: []
        // Tests/Integration/Registry goes to these.
        case .registryBlobBeforeRename, .registryBlobAfterRename, .registryBlobAfterLink, .registryManifestAfterBlob,
            .registryManifestAfterRevision, .registryCollectAfterMark, .registryCollectAfterLinks, .registryCollectAfterBlob,
            .pullAfterPart, .pullAfterContent, .pullAfterSync, .pullAfterLayers:
            []
        }
    }

    /// Goes there, and says whether who was to die died. With `killsBoth` the command and the supervisors die together: the other as
    /// soon as the one is dead.
    func go(_ davit: Installation, killsBoth: Bool = false) throws {
        let variable = ["\(Failpoint.variable)=\(point.rawValue)"]
        let isInRunning = point == .execAfterProcess || point == .execAfterReap
        for command in before {
            #expect(try davit.davit(command, environment: isInRunning ? variable : []).code == 0, "\(self): \(command)")
        }
        let running = try davit.start(command, environment: variable)
        if killsBoth && !killsCommand {
            // Dead at the point, before the command can make anything of it; or the command was quicker.
            var seen = false
            try davit.eventually("\(self): the supervisor is gone", seconds: 30) {
                let living = try !davit.supervisors().isEmpty
                defer { seen = seen || living }
                return try seen && !living || running.hasEnded()
            }
            // That it has ended by itself is right.
            try? running.signal(9)
        }
        let outcome = try running.finish(seconds: 30)
        // That one has ended by itself is right.
        if killsBoth { for supervisor in try davit.supervisors() { try? Process.signal(supervisor, 9) } }
        if killsCommand { #expect(outcome.status == .signaled(9), "\(self): \(outcome)") }
    }
}

extension Integration {
    /// Kills whoever reaches a failpoint, and looks at what the next commands make of it: whatever they are, they work, and in the end
    /// nothing is left.
    @Suite(.serialized) struct FailpointTests {
        /// Goes every way, each time into a clean world.
        private func onEachWay(killsBoth: Bool = false, _ body: (Installation, Way) throws -> Void) throws {
            let davit = try Installation.withImage()
            for way in Way.all {
                do {
                    try way.go(davit, killsBoth: killsBoth)
                    try body(davit, way)
                    #expect(try names(davit) == [], "\(way)")
                    #expect(try davit.davit("volume", "ls", "-q").lines == [], "\(way)")
                    if way.before.contains(["network", "create", "other"]) { try davit.must("network", "rm", "other") }
                    // Who clears away behind a command may be killed after it: the next command goes on.
                    try davit.expectNothingLeft(meanwhile: { _ = try names(davit) })
                } catch { Issue.record("\(way): \(error)") }
                for name in try names(davit) {
                    Issue.record("\(way) leaves \(name)")
                    _ = try davit.davit(["rm", "-f", "-v", name], seconds: 30)
                }
            }
        }

        private func names(_ davit: Installation) throws -> [String] {
            let outcome = try davit.davit(["ps", "-a", "--format", "{{.Names}}"], seconds: 20)
            #expect(outcome.code == 0, "\(outcome)")
            return outcome.lines
        }

        @Test("list and remove, one killed or both", arguments: [false, true]) func listAndRemove(_ killsBoth: Bool) throws {
            try onEachWay(killsBoth: killsBoth) { davit, way in
                for name in try names(davit) {
                    let removed = try davit.davit(["rm", "-f", "-v", name], seconds: 30)
                    #expect(removed.code == 0, "\(way): \(removed)")
                }
            }
        }

        @Test func removeAtOnce() throws {
            try onEachWay { davit, way in
                // It may be gone by itself.
                let outcome = try davit.davit(["rm", "-f", "-v", "web"], seconds: 30)
                #expect(outcome.code == 0 || outcome.err.contains("No such container"), "\(way): \(outcome)")
            }
        }

        @Test func runAgain() throws {
            try onEachWay { davit, way in
                let again = try davit.davit(["run", "--rm", "--name", "web", "busybox", "echo", "again"], seconds: 30)
                if again.code == 125 {
                    // What was there before is there still, or went by itself just now.
                    #expect(again.err.contains("is already in use"), "\(way): \(again)")
                    _ = try davit.davit(["rm", "-f", "-v", "web"], seconds: 30)
                } else {
                    #expect(again.code == 0 && again.out == "again\n", "\(way): \(again)")
                }
            }
        }

        @Test func startAgain() throws {
            try onEachWay { davit, way in
                let started = try davit.davit(["start", "web"], seconds: 30)
                if started.code == 0 {
                    let inspected = try davit.davit(["inspect", "web"], seconds: 20)
                    #expect(inspected.code == 0 || inspected.err.lowercased().contains("no such"), "\(way): \(inspected)")
                    let stopped = try davit.davit(["stop", "-t", "0", "web"], seconds: 30)
                    // One of those with `--rm` is gone when it has ended.
                    #expect(stopped.code == 0 || stopped.err.contains("No such container"), "\(way): \(stopped)")
                } else {
                    #expect(started.err.contains("No such container") || started.err.contains("paused"), "\(way): \(started)")
                }
                _ = try davit.davit(["rm", "-f", "-v", "web"], seconds: 30)
            }
        }
    }
}
