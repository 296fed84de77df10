internal import JSON

extension ComposeProject {
    /// Loads a project. Throws for the first thing that is wrong.
    package init(_ source: ComposeSource) throws(ComposeFileError) {
        var source = source
        let warnings = Loader.Warnings()
        let name = try Self.name(source, warnings)
        source.environment["COMPOSE_PROJECT_NAME"] = name
        var model = try Loader(source, warnings).model()
        guard let members = model.object?.members, !members.isEmpty else { throw ComposeFileError("empty compose file") }
        if name.isEmpty { throw ComposeFileError("project name must not be empty") }
        if source.normalizes { model = Normalization(projectName: name, environment: source.environment).model(model) }
        self.name = name
        directory = source.directory
        files = source.files.map(\.path)
        environment = source.environment
        profiles = source.profiles
        services = try Self.records(model["services"], isLenient: !source.interpolates)
        networks = try Self.records(model["networks"])
        volumes = try Self.records(model["volumes"])
        secrets = try Self.records(model["secrets"])
        configs = try Self.records(model["configs"])
        models = try Self.records(model["models"])
        self.model = model
        self.warnings = []
        enable(profiles: source.profiles)
        if source.checksConsistency { try checkConsistency() }
        if source.resolvesEnvironment { try resolveEnvironment(source) }
        try resolveLabels(source)
        self.warnings = warnings.all
    }

    /// `isLenient`: what has variables where there must be something else is left out.
    private static func records<Record: JSONCodable>(_ value: JSONValue?, isLenient: Bool = false) throws(ComposeFileError) -> [String: Record] {
        var records: [String: Record] = [:]
        for member in value?.object?.members ?? [] {
            // The shape was checked, so this fails only where variables stand for what is no text.
            do { records[member.name] = try Record(json: member.value.isNull ? .object([:]) : member.value) } catch {
                if isLenient, let empty = try? Record(json: .object([:])) {
                    records[member.name] = empty
                    continue
                }
                throw ComposeFileError("\(member.name): \(error)")
            }
        }
        return records
    }

    /// The name given from outside, that of the last file which has one, or the directory's.
    private static func name(_ source: ComposeSource, _ warnings: Loader.Warnings) throws(ComposeFileError) -> String {
        if !source.name.isEmpty {
            guard normalized(source.name) == source.name else {
                throw ComposeFileError(
                    "invalid project name \(source.name.debugDescription): must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number"
                )
            }
            return source.name
        }
        var found = ""
        for file in source.files {
            // What cannot be parsed is reported where all of it is read.
            for document in (try? MarkedDocument.parse(file.text)) ?? [] { found = document.value["name"]?.string ?? found }
        }
        if source.interpolates, !found.isEmpty {
            let environment = source.environment
            do throws(Interpolation.Failure) { found = try Interpolation { environment[$0] }.substitute(found) } catch {
                throw ComposeFileError("error while interpolating name: \(error)")
            }
        }
        let name = normalized(found)
        return name.isEmpty ? normalized(FilePath.name(source.directory)) : name
    }

    /// Variables of `env_file`, under those that stand in the file, of the services that are on.
    package mutating func resolveEnvironment(_ source: ComposeSource) throws(ComposeFileError) {
        let outer = environment
        for name in services.keys.sorted() {
            guard var service = services[name] else { continue }
            var own = service.environment
            for (name, value) in own where value == nil { own[name] = .some(outer[name]) }
            var found = own.compactMapValues { $0 }
            let listed = own
            for file in service.envFile {
                guard let text = try source.read(file.path) else {
                    if file.required { throw ComposeFileError("env file \(file.path) not found: stat \(file.path): no such file or directory") }
                    continue
                }
                let before = found
                let lookup: @Sendable (String) -> String? = { outer[$0] ?? listed[$0].flatMap { $0 } ?? before[$0] }
                guard file.format.isEmpty || file.format == "raw" else { throw ComposeFileError("unsupported env_file format \(file.format.debugDescription)") }
                let read = file.format == "raw" ? try EnvironmentFile.parseRaw(text, lookup: lookup) : try EnvironmentFile.parse(text, lookup: lookup)
                found.merge(read) { $1 }
            }
            service.environment = found.mapValues { .some($0) }.merging(own) { $1 }
            service.envFile = []
            services[name] = service
        }
    }

    private mutating func resolveLabels(_ source: ComposeSource) throws(ComposeFileError) {
        for name in services.keys.sorted() {
            guard var service = services[name], !service.labelFile.isEmpty else { continue }
            var found: [String: String] = [:]
            for path in service.labelFile {
                guard let text = try source.read(path) else { throw ComposeFileError("label file \(path) not found: stat \(path): no such file or directory") }
                let before = found
                found.merge(try EnvironmentFile.parse(text) { before[$0] }) { $1 }
            }
            service.labels = found.merging(service.labels) { $1 }
            services[name] = service
        }
    }
}
