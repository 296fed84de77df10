internal import JSON

/// `extends`: a service that begins as another one, of the same file or of another.
extension Loader {
    /// A service on the way to what it extends.
    private struct Step: Equatable {
        var file: String, service: String
    }

    func extended(_ model: JSONValue, of path: String, _ document: MarkedDocument) throws(ComposeFileError) -> JSONValue {
        guard var project = model.object, var services = project["services"]?.object else { return model }
        for index in services.members.indices where services.members[index].value["extends"] != nil {
            services.members[index].value = try service(services.members[index].name, in: services, of: path, [], document)
        }
        project["services"] = .object(services)
        return .object(project)
    }

    private func service(
        _ name: String, in services: JSONObject, of path: String, _ way: [Step], _ document: MarkedDocument
    ) throws(ComposeFileError) -> JSONValue {
        guard var object = services[name]?.object, let extends = object["extends"] else { return services[name] ?? .null }
        let other = extends["service"]?.string ?? ""
        var services = services, from = path, marks = document
        if let file = extends["file"]?.string {
            from = FilePath.absolute(file, in: source.directory, home: nil)
            (services, marks) = try self.services(of: from)
            guard services[other] != nil else {
                throw ComposeFileError("cannot extend service \"\(name)\" in \(path): service \"\(other)\" not found in \(file)")
            }
        } else if services[other] == nil {
            throw ComposeFileError("cannot extend service \"\(name)\" in \(path): service \"\(other)\" not found")
        }
        let step = Step(file: from, service: name)
        if way.contains(step) {
            let lines = ["  \(way[0].service) in \(way[0].file)"] + (way.dropFirst() + [step]).map { "  extends \($0.service) in \($0.file)" }
            throw ComposeFileError((["Circular reference:"] + lines).joined(separator: "\n"))
        }
        let inherited = try service(other, in: services, of: from, way + [step], marks)
        let base = document.applied(to: .object(["services": .object([name: inherited])]))["services"]?[name] ?? .null
        object["extends"] = nil
        return canonical.merge(base, .object(object), as: .record(ServiceShape.record))
    }

    /// The services of another file, as it stands alone, and what its last document wants forgotten.
    private func services(of path: String) throws(ComposeFileError) -> (JSONObject, MarkedDocument) {
        guard let text = try source.read(path) else { throw ComposeFileError("open \(path): no such file or directory") }
        var model = JSONValue.object([:])
        let documents = try documents(text, path)
        for document in documents {
            model = canonical.merge(document.applied(to: model), try read(document, of: path, in: FilePath.parent(path)), as: ProjectShape.shape)
        }
        guard let services = model["services"]?.object, let last = documents.last else { throw ComposeFileError("cannot extend service in \(path): no services section") }
        return (services, last)
    }
}
