/// Something that happened to a container, a network, a volume or an image of a project.
package struct Report: Sendable, Hashable {
    package enum Status: Sendable, Hashable { case working, done, warning, error }

    /// What it is about: `Container web-1`.
    package var subject: String
    package var status: Status
    /// `Creating`, `Created`, …
    package var text: String

    package init(_ subject: String, _ status: Status, _ text: String) {
        self.subject = subject
        self.status = status
        self.text = text
    }
}
