internal import Database
internal import Diagnostics
internal import DockerAPI
internal import JSON
internal import Values

/// A row of the table `volumes`.
struct VolumeRecord {
    /// Put on volumes that nobody named; its presence is what `prune` goes by.
    static let anonymousLabel = "com.docker.volume.anonymous"
    static let columns = "name, driver, options, labels, created"

    var name: String
    var driver: String
    var options: [String: String]?
    var labels: [String: String]?
    var created: Timestamp

    /// A new volume as it was asked for, checked; one without a name gets one.
    init(_ request: VolumeCreateRequest, at time: Timestamp) throws(Fault) {
        options = request.driverOpts
        labels = request.labels
        if request.name.isEmpty {
            name = Identifier.random().description
            labels = (labels ?? [:]).merging([VolumeRecord.anonymousLabel: ""]) { given, _ in given }
        } else {
            name = request.name
            try VolumeRules.checkName(name)
        }
        driver = request.driver.isEmpty ? "local" : request.driver
        try VolumeRules.check(driver: driver, options: options ?? [:], of: name)
        created = time
    }

    init(_ row: Row) throws {
        name = try row.text("name")
        driver = try row.text("driver")
        options = try row.optionalText("options").map { try JSON.decode([String: String].self, from: $0) }
        labels = try row.optionalText("labels").map { try JSON.decode([String: String].self, from: $0) }
        created = Timestamp(nanoseconds: try row.int("created"))
    }

    var isAnonymous: Bool { labels?[VolumeRecord.anonymousLabel] != nil }

    func insert(in transaction: borrowing Transaction) throws {
        func json(_ map: [String: String]?) throws -> Value {
            guard let map else { return .null }
            return .text(String(decoding: try JSON.encode(map), as: UTF8.self))
        }
        try transaction.run(
            "INSERT INTO volumes (\(VolumeRecord.columns)) VALUES (?, ?, ?, ?, ?)",
            .text(name), .text(driver), try json(options), try json(labels), .int(created.nanoseconds))
    }

    /// As the API shows it. Docker's times have no fraction here.
    func volume(mountpoint: String) -> Volume {
        Volume(
            createdAt: Timestamp(seconds: created.seconds), driver: driver, labels: labels, mountpoint: mountpoint, name: name, options: options,
            scope: "local")
    }
}
