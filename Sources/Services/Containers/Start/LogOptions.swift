import Diagnostics
import DockerAPI
import JSON
import LogFiles
import Patterns
import Supervisor
import Templates
import Values

/// `--log-opt` of the drivers that write files.
struct LogOptions {
    private var maxSize = LogWriter.defaultMaxSize, maxFiles = LogWriter.defaultMaxFiles
    /// Which of the container's labels and variables each record tells.
    private var labels = Choice(), variables = Choice()
    /// Nil without one.
    private var tag: Template?

    /// Names, and the pattern of further names.
    private struct Choice {
        var names: [Substring] = []
        var pattern: Pattern?

        func chosen(of all: [String: String]) -> [String: String] {
            all.filter { name, _ in names.contains(name[...]) || pattern?.matches(name) == true }
        }
    }

    /// Throws what the engine would else say when the container is started.
    init(_ config: LogConfig) throws(Fault) {
        for (key, value) in config.config ?? [:] {
            switch key {
            case "max-size":
                guard let size = Self.bytes(value) else { throw Fault(.invalid, "invalid value for max-size: \(value)") }
                maxSize = size
            case "max-file":
                guard let count = Int(value), count >= 1 else { throw Fault(.invalid, "max-file cannot be less than 1") }
                maxFiles = count
            case "labels": labels.names = value.split(separator: ",")
            case "env": variables.names = value.split(separator: ",")
            case "labels-regex": labels.pattern = try Self.pattern(value)
            case "env-regex": variables.pattern = try Self.pattern(value)
            case "tag":
                do throws(TemplateError) { tag = value.isEmpty ? nil : try Template(value) } catch { throw Fault(.invalid, error.description) }
            case "mode", "max-buffer-size", "compress": break
            default:
                throw Fault(.invalid, "unknown log opt '\(key)' for \(config.type == "local" ? "log driver local" : "json-file log driver")")
            }
        }
    }

    /// What the supervisor is told of the log at `path`.
    func plan(_ path: String, for record: ContainerRecord) throws(Fault) -> LogPlan {
        let environment = (record.config.env ?? []).compactMap { $0.cut("=") }
        var attributes = labels.chosen(of: record.config.labels ?? [:])
        attributes.merge(variables.chosen(of: Dictionary(environment) { $1 })) { $1 }
        if let tag {
            var options = Template.Options()
            options.typeName = "*logger.Info"
            do throws(TemplateError) { attributes["tag"] = try tag.render(Self.description(of: record), options) } catch {
                throw Fault(.invalid, "failed to initialize logging driver: \(error.description)")
            }
        }
        let size = attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size <= Self.attributeBytes else {
            throw Fault(
                .invalid, "failed to initialize logging driver: labels, variables and tag have \(size) bytes, at most \(Self.attributeBytes) are logged")
        }
        return LogPlan(path: path, maxSize: maxSize, maxFiles: maxFiles, attributes: attributes)
    }

    /// The most that every record of a log may carry besides its text.
    private static let attributeBytes = 64 << 10

    /// What a tag's template can name.
    private static func description(of record: ContainerRecord) -> JSONValue {
        let image = record.imageID.split(separator: ":").last ?? ""
        var labels = JSONObject()
        for (name, value) in record.config.labels ?? [:] { labels.append(name, .string(value)) }
        let description: JSONObject = [
            "ID": .string(record.id.short), "FullID": .string(record.id.description), "Name": .string(record.name),
            "ImageID": .string(String(image.prefix(12))), "ImageFullID": .string(record.imageID), "ImageName": .string(record.imageName),
            "Command": .string(record.arguments.joined(separator: " ")), "DaemonName": .string("docker"),
            "ContainerID": .string(record.id.description), "ContainerName": .string("/\(record.name)"), "ContainerImageID": .string(record.imageID),
            "ContainerImageName": .string(record.imageName), "ContainerLabels": .object(labels),
        ]
        return .object(description)
    }

    private static func pattern(_ text: String) throws(Fault) -> Pattern? {
        do throws(PatternError) { return text.isEmpty ? nil : try Pattern(text) } catch { throw Fault(.invalid, error.description) }
    }

    /// A number with an optional unit of 1000s; -1 is without limit.
    private static func bytes(_ text: String) -> Int64? {
        if text == "-1" { return -1 }
        let digits = text.prefix { $0.isNumber }
        let scales: [String: Int64] = ["": 1, "b": 1, "k": 1000, "kb": 1000, "m": 1_000_000, "mb": 1_000_000, "g": 1_000_000_000, "gb": 1_000_000_000]
        guard let number = Int64(digits), let scale = scales[text.dropFirst(digits.count).lowercased()], number > 0, number < 1 << 32 else { return nil }
        return number * scale
    }
}
