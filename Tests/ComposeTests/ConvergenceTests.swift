import DockerAPI
import Testing

@testable import Compose
@testable import ComposeFile

@Suite struct ConvergenceTests {
    private func container(_ number: Int, hash: String = "h", state: String = "running", image: String = "i") -> ProjectContainer {
        var summary = ContainerSummary()
        summary.id = "id\(number)"
        summary.names = ["/other/link", "/p-web-\(number)"]
        summary.state = state
        summary.labels = [ComposeLabel.service: "web", ComposeLabel.number: "\(number)", ComposeLabel.configHash: hash, ComposeLabel.image: image]
        return ProjectContainer(summary)
    }

    private func plan(_ containers: [ProjectContainer], _ replicas: Int, _ recreation: Recreation = .diverged) -> [[Int]] {
        let expectation = Expectation(service: ComposeService(), hash: "h", image: "i", networks: [], displaced: [], volumes: [], recreation: recreation, sharesStale: false)
        let plan = ServicePlan(containers, replicas: replicas) { expectation.isStale($0) }
        return [plan.keep.map(\.number), plan.recreate.map(\.number), plan.remove.map(\.number), plan.create]
    }

    @Test func containersAreKeptMadeAgainRemovedAndMade() {
        #expect(plan([], 2) == [[], [], [], [1, 2]])
        #expect(plan([container(1)], 1) == [[1], [], [], []])
        #expect(plan([container(1, hash: "x"), container(2)], 2) == [[2], [1], [], []])
        #expect(plan([container(1, image: "x")], 1) == [[], [1], [], []])
        // Who is out of date goes first when there are too many.
        #expect(plan([container(1, hash: "x"), container(2), container(3)], 2) == [[2, 3], [], [1], []])
        #expect(plan([container(3)], 2) == [[3], [], [], [4]])
        #expect(plan([container(1), container(2)], 0) == [[], [], [1, 2], []])
        #expect(plan([container(1, hash: "x")], 1, .never) == [[1], [], [], []])
        #expect(plan([container(1)], 1, .force) == [[], [1], [], []])
    }

    @Test func whatIsSharedIsNamedByContainers() throws {
        var service = ComposeService()
        service.networkMode = "service:db"
        service.pid = "container:x"
        service.volumesFrom = ["db:ro", "container:y"]
        #expect(service.shared == ["db", "db"])
        let resolved = try service.resolved { $0 == "db" ? "abc" : nil }
        #expect(resolved.networkMode == "container:abc" && resolved.pid == "container:x" && resolved.volumesFrom == ["abc:ro", "y"])
        #expect(throws: ComposeFileError("cannot share network namespace with service db: container missing")) { try service.resolved { _ in nil } }
    }

    @Test func containersAreCalledByTheirOwnNames() { #expect(container(1).name == "p-web-1") }
}
