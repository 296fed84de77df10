internal import JSON

/// `include`: other projects' files whose services and resources become this one's.
extension Loader {
    func included(_ model: JSONValue, of path: String) throws(ComposeFileError) -> JSONValue {
        guard var project = model.object, let includes = project["include"]?.array else { return model }
        project["include"] = nil
        var result = JSONValue.object(project)
        for include in includes {
            // What stands here counts more.
            result = canonical.merge(try load(include, from: path), result, as: ProjectShape.shape)
        }
        return result
    }

    private func load(_ include: JSONValue, from path: String) throws(ComposeFileError) -> JSONValue {
        let paths = strings(include["path"]).map { FilePath.absolute($0, in: source.directory, home: nil) }
        guard let main = paths.first else { return .object([:]) }
        let way = including + [path]
        if let first = way.first, way.contains(main) {
            throw ComposeFileError("include cycle detected:\n\(first)\n include \((way.dropFirst() + [main]).joined(separator: "\n include "))")
        }
        let directory = include["project_directory"]?.string.map { FilePath.absolute($0, in: source.directory, home: nil) } ?? FilePath.parent(main)
        var inner = source
        inner.files = []
        for path in paths {
            guard let text = try source.read(path) else { throw ComposeFileError("open \(path): no such file or directory") }
            inner.files.append((path, text))
        }
        inner.directory = directory
        inner.environment = try environment(strings(include["env_file"]), in: directory)
        var loader = Loader(inner, warnings)
        loader.including = way
        return Self.withContents(try loader.model(), inner.environment)
    }

    /// With what secrets and configs take of variables, which the includer may not have.
    private static func withContents(_ model: JSONValue, _ environment: [String: String]) -> JSONValue {
        guard var project = model.object else { return model }
        for kind in ["secrets", "configs"] {
            guard var resources = project[kind]?.object else { continue }
            for index in resources.members.indices {
                guard var resource = resources.members[index].value.object, let content = resource["environment"]?.string.flatMap({ environment[$0] }) else { continue }
                resource["content"] = .string(content)
                resources.members[index].value = .object(resource)
            }
            project[kind] = .object(resources)
        }
        return .object(project)
    }

    /// The includer's variables, and under them those of the files, of which `.env` beside the project is the usual one.
    private func environment(_ files: [String], in directory: String) throws(ComposeFileError) -> [String: String] {
        var environment = source.environment
        var texts: [String] = []
        if files.isEmpty {
            if let text = try source.read("\(directory)/.env") { texts.append(text) }
        }
        for file in files where file != "/dev/null" {
            let path = FilePath.absolute(file, in: source.directory, home: nil)
            guard let text = try source.read(path) else { throw ComposeFileError("stat \(path): no such file or directory") }
            texts.append(text)
        }
        var found: [String: String] = [:]
        let outer = source.environment
        for text in texts {
            let before = found
            found.merge(try EnvironmentFile.parse(text) { outer[$0] ?? before[$0] }) { $1 }
        }
        environment.merge(found) { mine, _ in mine }
        return environment
    }

    private func strings(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }
}
