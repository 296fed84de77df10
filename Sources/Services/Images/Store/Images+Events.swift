internal import Events
package import OCI

// What happens to images, told in Docker's words: see the module Events.
extension Images {
    /// Tells of an image: `create`, `tag`, `save` and so on, under the name that it was asked for or else its id, and with its labels as long as
    /// it is here.
    package func publish(_ action: String, _ id: Digest, name: String? = nil) {
        // An image that cannot be read is told of without its labels.
        let labels = (try? image(id: id))?.config.labels ?? [:]
        events.publish(.image, action, id.description, labels.merging(["name": name ?? id.description]) { $1 })
    }
}
