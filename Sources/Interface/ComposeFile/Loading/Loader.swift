internal import JSON
internal import Synchronization
internal import YAML

/// Loads the files of one project or of one `include`.
struct Loader {
    let source: ComposeSource
    let warnings: Warnings
    /// The files that include this one, the outermost first.
    var including: [String] = []
    let canonical: Canonical

    init(_ source: ComposeSource, _ warnings: Warnings) {
        self.source = source
        self.warnings = warnings
        canonical = Canonical(isLenient: !source.interpolates)
    }

    /// Things that a user should know, in order.
    final class Warnings: Sendable {
        private let texts = Mutex<[String]>([])

        func add(_ text: String) { texts.withLock { if !$0.contains(text) { $0.append(text) } } }
        var all: [String] { texts.withLock { $0 } }
    }

    /// Everything that the files say, together.
    func model() throws(ComposeFileError) -> JSONValue {
        var model = JSONValue.object([:])
        for file in source.files {
            for document in try documents(file.text, file.path) { model = try add(document, of: file.path, to: model) }
        }
        return withDefaults(model)
    }

    func documents(_ text: String, _ path: String) throws(ComposeFileError) -> [MarkedDocument] {
        do throws(YAMLError) { return try MarkedDocument.parse(text) } catch { throw ComposeFileError("failed to parse \(path): \(error)") }
    }

    private func add(_ document: MarkedDocument, of path: String, to model: JSONValue) throws(ComposeFileError) -> JSONValue {
        var added = try read(document, of: path, in: source.directory)
        if added["version"] != nil {
            warnings.add("\(path): the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion")
        }
        added = try included(added, of: path)
        let base = document.applied(to: model)
        added = try extended(added, of: path, document)
        return canonical.merge(base, added, as: ProjectShape.shape)
    }

    /// A document with its variables put in, in canonical form, with absolute paths.
    func read(_ document: MarkedDocument, of path: String, in directory: String) throws(ComposeFileError) -> JSONValue {
        guard document.value.object != nil else { throw ComposeFileError("top-level object must be a mapping") }
        var value = document.value
        if source.interpolates { value = try interpolated(value, "", interpolation) }
        do throws(ComposeFileError) {
            value = try canonical.value(value, as: ProjectShape.shape, at: Place())
        } catch {
            throw error.isOfSchema ? ComposeFileError("validating \(path): \(error)") : error
        }
        if source.resolvesPaths { value = PathResolution(directory: directory, home: source.environment["HOME"]).model(value) }
        return value
    }

    // MARK: Variables

    private var interpolation: Interpolation {
        let environment = source.environment, warnings = warnings
        return Interpolation(
            lookup: { environment[$0] },
            missing: { warnings.add("The \"\($0)\" variable is not set. Defaulting to a blank string.") })
    }

    private func interpolated(_ value: JSONValue, _ place: String, _ interpolation: Interpolation) throws(ComposeFileError) -> JSONValue {
        func at(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }
        switch value {
        case .string(let text):
            do throws(Interpolation.Failure) { return .string(try interpolation.substitute(text)) } catch {
                switch error {
                case .invalid(let template):
                    throw ComposeFileError("invalid interpolation format for \(place).\nYou may need to escape any $ with another $.\n\(template)")
                case .required: throw ComposeFileError("error while interpolating \(place): \(error)")
                }
            }
        case .array(let items):
            var result: [JSONValue] = []
            for item in items { result.append(try interpolated(item, at("[]"), interpolation)) }
            return .array(result)
        case .object(let object):
            var result = JSONObject()
            for member in object.members { result.append(member.name, try interpolated(member.value, at(member.name), interpolation)) }
            return .object(result)
        default: return value
        }
    }

    // MARK: Defaults

    private func withDefaults(_ model: JSONValue) -> JSONValue {
        guard var project = model.object else { return model }
        project["version"] = nil
        project["services"] = project["services"].map { services in
            mapMembers(services) { service in
                guard var object = service.object else { return service }
                if var build = object["build"]?.object, build["context"] == nil {
                    build["context"] = .string(source.resolvesPaths ? source.directory : ".")
                    object["build"] = .object(build)
                }
                object["ports"] = object["ports"].map { each($0, defaults: [("protocol", .string("tcp")), ("mode", .string("ingress"))]) }
                object["env_file"] = object["env_file"].map { each($0, defaults: [("required", .bool(true))]) }
                object["gpus"] = object["gpus"].map(withCounts)
                object["volumes"] = object["volumes"]?.array.map { .array($0.map(withHostPath)) }
                object["secrets"] = object["secrets"]?.array.map { .array($0.map(withTarget)) }
                if let devices = object["deploy"]?["resources"]?["reservations"]?["devices"] {
                    object = replacing(object, ["deploy", "resources", "reservations", "devices"][...], withCounts(devices))
                }
                return .object(object)
            }
        }
        return .object(project)
    }

    private func each(_ items: JSONValue, defaults: [(String, JSONValue)]) -> JSONValue {
        .array(
            (items.array ?? []).map { item in
                guard var object = item.object else { return item }
                for (name, value) in defaults where object[name] == nil { object.append(name, value) }
                return .object(object)
            })
    }

    private func withCounts(_ requests: JSONValue) -> JSONValue {
        .array(
            (requests.array ?? []).map { request in
                guard var object = request.object, object["count"] == nil, object["device_ids"] == nil else { return request }
                object["count"] = JSONValue(-1)
                return .object(object)
            })
    }

    /// That a missing path of the host is made goes without saying.
    private func withHostPath(_ volume: JSONValue) -> JSONValue {
        guard var object = volume.object, var bind = object["bind"]?.object, bind["create_host_path"]?.bool == true else { return volume }
        bind["create_host_path"] = nil
        object["bind"] = .object(bind)
        return .object(object)
    }

    private func withTarget(_ secret: JSONValue) -> JSONValue {
        guard var object = secret.object, object["target"] == nil, let source = object["source"]?.string else { return secret }
        object["target"] = .string("/run/secrets/\(source)")
        return .object(object)
    }

    private func replacing(_ object: JSONObject, _ path: ArraySlice<String>, _ value: JSONValue) -> JSONObject {
        var object = object
        guard let name = path.first else { return object }
        if path.count == 1 {
            object[name] = value
        } else if let inner = object[name]?.object {
            object[name] = .object(replacing(inner, path.dropFirst(), value))
        }
        return object
    }
}

/// An object with each member's value changed.
func mapMembers<Failure: Error>(_ value: JSONValue, _ body: (JSONValue) throws(Failure) -> JSONValue) throws(Failure) -> JSONValue {
    guard var object = value.object else { return value }
    for index in object.members.indices { object.members[index].value = try body(object.members[index].value) }
    return .object(object)
}
