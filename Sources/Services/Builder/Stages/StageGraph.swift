internal import Diagnostics
internal import Dockerfile

/// Which stages a build needs, and what each of them waits for.
struct StageGraph: Equatable {
    /// Places in the Dockerfile, in its order.
    let needed: [Int]
    private let dependencies: [Int: Set<Int>]

    /// `triggers`: instructions that the image has which a stage begins with. `all`: those that nothing takes from are built too, as Docker's own
    /// builder does. Throws Docker's words for a stage that is not there.
    init(
        _ file: Dockerfile, target: String, all: Bool, base: (Dockerfile.Stage) throws -> String, triggers: (Dockerfile.Stage) throws -> [Instruction] = { _ in [] }
    ) throws {
        let last: Int
        if target.isEmpty {
            last = file.stages.count - 1
        } else {
            guard let index = file.stage(target) else {
                let near = all ? "" : Checker.suggestion(target, among: file.stages.compactMap(\.name))
                throw Fault(.invalid, "target stage \(Words.quoted(target)) could not be found\(near)")
            }
            last = index
        }
        var dependencies: [Int: Set<Int>] = [:]
        for index in 0...last {
            let stage = file.stages[index]
            var found: Set<Int> = []
            func note(_ name: String, numbered: Bool = true) {
                if let other = file.earlierStage(name, before: index, numbered: numbered) { found.insert(other) }
            }
            let name = try base(stage)
            note(name, numbered: false)
            let parent = file.earlierStage(name, before: index, numbered: false)
            let inherited = try parent.map { try file.stages[$0].triggers.flatMap { try Dockerfile.instructions($0) } } ?? triggers(stage)
            for instruction in inherited + stage.instructions {
                switch instruction.action {
                case .copy(let copy): if let from = copy.from { note(from) }
                case .run(let run): for mount in run.mounts { if let from = mount.from { note(from) } }
                default: break
                }
            }
            dependencies[index] = found
        }
        self.dependencies = dependencies
        var needed: Set<Int> = all ? Set(0...last) : [last]
        var open = Array(needed)
        while let index = open.popLast() {
            for other in dependencies[index] ?? [] where needed.insert(other).inserted { open.append(other) }
        }
        self.needed = needed.sorted()
    }

    func dependencies(of stage: Int) -> Set<Int> { dependencies[stage] ?? [] }
}

extension Dockerfile.Stage {
    /// What its `ONBUILD`s say.
    fileprivate var triggers: [String] { instructions.compactMap { if case .onBuild(let text) = $0.action { text } else { nil } } }
}
