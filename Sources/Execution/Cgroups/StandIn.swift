// Stand-in by the lead until the module is delivered: DELETE THIS FILE when you deliver the real one.
package import Linux
package import OCI
package struct Cgroup: Sendable {
  package init(path: String) throws {}
  package func enter() throws(SyscallError) {}
  package func killAll() throws {}
  package func create(_ limits: LinuxResources) throws {}
  package func remove() throws {}
  package func freeze() throws {}
  package func thaw() throws {}
  package func processes() throws -> [Int32] { [] }
  package func oomKills() throws -> Int { 0 }
  package struct View { package var name: String; package var directory: String; package var isVersion2: Bool }
  package var views: [View] { [] }
}
