/// The rules of one table, as nft(8) reads them. They never change while the table is there: networks and ports are elements of its sets
/// and maps. docs/networking.md explains them by the packets that pass.
enum Ruleset {
    /// Interfaces that Davit made for networks, of whatever root, are in this group: ip-link(8) `group`.
    static let interfaceGroup: UInt32 = 0xda71

    /// The chain whose rules are the administrator's.
    static let adminChain = "admin"

    static func text(table: String) -> String {
        """
        # Written by davit when its first network was made, and gone with its last one. Please add rules of your own to the
        # chain `\(adminChain)` only, or to tables of your own: see docs/networking.md.

        table inet \(table) {
            # ---- Networks, by the names of their bridges ----

            # Every network.
            set \(Set.bridges) { type ifname; }
            # A bridge twice: packets that leave by the bridge that they came by.
            set \(Set.within) { type ifname . ifname; }
            # --internal: nothing in or out.
            set \(Set.closedIn) { type ifname; }
            # enable_icc=false: its containers do not reach each other.
            set \(Set.isolated) { type ifname; }
            # Families of which every port is reached from outside, published or not.
            set \(Set.open) { type ifname . nf_proto; }
            # Families that are routed, not translated.
            set \(Set.routed) { type ifname . nf_proto; }
            # Families whose published ports are reached at the containers' own addresses.
            set \(Set.direct) { type ifname . nf_proto; }
            # A bridge and an interface of the host by which they are, too: trusted_host_interfaces.
            set \(Set.trusted) { type ifname . ifname; }
            # What leaves them has the host's address, of the interface or one that was asked for.
            set \(Set.masquerade4) { type ifname; }
            set \(Set.masquerade6) { type ifname; }
            map \(Set.source4) { type ifname : ipv4_addr; }
            map \(Set.source6) { type ifname : ipv6_addr; }

            # Overlays: UDP port and VXLAN number. And the hosts that belong to each.
            set \(Set.tunnels) { typeof udp dport . @th,96,24; }
            set \(Set.hosts4) { typeof ip saddr . @th,96,24; }
            set \(Set.hosts6) { typeof ip6 saddr . @th,96,24; }

            # Families that this host forwarded nothing of before davit needed it: what is not davit's still is not forwarded.
            set \(Set.closed) { type nf_proto; }

            # ---- Published ports: host address, protocol, port : container's address, port ----

            map \(Set.ports4) { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
            map \(Set.ports6) { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }
            # The same for all addresses of the host.
            map \(Set.anyPorts4) { type inet_proto . inet_service : ipv4_addr . inet_service; }
            map \(Set.anyPorts6) { type inet_proto . inet_service : ipv6_addr . inet_service; }

            # Those that are reached at the container's own address: that, protocol, port.
            set \(Set.routedPorts4) { type ipv4_addr . inet_proto . inet_service; }
            set \(Set.routedPorts6) { type ipv6_addr . inet_proto . inet_service; }

            # Those of IPv6 that lead to IPv4, which only the supervisors' sockets do: host address, protocol, port, and those of all addresses.
            set \(Set.relayed) { type ipv6_addr . inet_proto . inet_service; }
            set \(Set.anyRelayed) { type inet_proto . inet_service; }

            # ---- The administrator's rules ----

            # Sees every packet that davit would forward from or to a container, after the port's translation: drop or reject here
            # what shall not pass. davit never touches this chain's rules.
            #     iifname "eth0" meta l4proto tcp ct original proto-dst 8080 drop
            chain \(adminChain) {
            }

            # ---- Address translation ----

            # 127.0.0.0/8 belongs to this host alone. The bridges route it (that is how the host's 127.0.0.1 leads into containers), so
            # nobody else may use it, neither to reach the host's own services nor in its name.
            chain loopback {
                type filter hook prerouting priority raw; policy accept;
                iifname != "lo" ip daddr 127.0.0.0/8 drop
                iifname @\(Set.bridges) ip saddr 127.0.0.0/8 drop
                udp dport . @th,96,24 @\(Set.tunnels) goto tunnel
                # Who leads nowhere is not led on by a socket either.
                iifname @\(Set.closedIn) ip6 daddr . meta l4proto . th dport @\(Set.relayed) drop
                iifname @\(Set.closedIn) meta nfproto ipv6 meta l4proto . th dport @\(Set.anyRelayed) fib daddr type local drop
            }

            # VXLAN asks nobody who he is: frames of this host's overlays come from the hosts that belong to them, and none from containers,
            # wherever to: other hosts would take them for this one's.
            chain tunnel {
                iifname @\(Set.bridges) drop
                fib daddr type != local accept
                ip saddr . @th,96,24 @\(Set.hosts4) accept
                ip6 saddr . @th,96,24 @\(Set.hosts6) accept
                drop
            }

            chain publish {
                dnat ip to ip daddr . meta l4proto . th dport map @\(Set.ports4)
                dnat ip to meta l4proto . th dport map @\(Set.anyPorts4)
                # Nobody else may be answered from there, or not beyond its link: the supervisors' sockets relay those, but not to internal networks.
                ip6 daddr { ::1, fe80::/10 } iifname != @\(Set.closedIn) return
                dnat ip6 to ip6 daddr . meta l4proto . th dport map @\(Set.ports6)
                dnat ip6 to meta l4proto . th dport map @\(Set.anyPorts6)
            }

            # From elsewhere and from containers.
            chain prerouting {
                type nat hook prerouting priority dstnat; policy accept;
                fib daddr type local jump publish
            }

            # From this host itself.
            chain output {
                type nat hook output priority -100; policy accept;
                fib daddr type local jump publish
            }

            chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                # From the host's 127.0.0.1 to a container: the answer must find back.
                ip saddr 127.0.0.0/8 oifname @\(Set.bridges) masquerade
                # From a container by a published port to one of the same network, which would answer past the translation.
                iifname . oifname @\(Set.within) ct status dnat masquerade
                iifname . oifname @\(Set.within) return
                # The same where br_netfilter translates within the bridge: such packets have no interface that they came by.
                iif 0 oifname @\(Set.bridges) ct status dnat fib saddr type != local masquerade
                # From a container to anywhere else.
                snat ip to iifname map @\(Set.source4)
                snat ip6 to iifname map @\(Set.source6)
                meta nfproto ipv4 iifname @\(Set.masquerade4) masquerade
                meta nfproto ipv6 iifname @\(Set.masquerade6) masquerade
            }

            # ---- Who may reach whom ----

            chain forward {
                type filter hook forward priority filter; policy accept;
                iifname @\(Set.bridges) goto container
                oifname @\(Set.bridges) goto container
                meta iifgroup != \(interfaceGroup) meta oifgroup != \(interfaceGroup) meta nfproto @\(Set.closed) drop
            }

            chain container {
                jump \(adminChain)
                iifname . oifname @\(Set.within) goto network
                iifname @\(Set.closedIn) drop
                oifname @\(Set.closedIn) drop
                ct state established,related accept
                # To a published port.
                oifname @\(Set.bridges) ct status dnat accept
                # The same where nothing is translated; an echo may be asked for there.
                ip daddr . meta l4proto . th dport @\(Set.routedPorts4) jump direct
                ip6 daddr . meta l4proto . th dport @\(Set.routedPorts6) jump direct
                oifname . meta nfproto @\(Set.routed) meta l4proto { icmp, icmpv6 } accept
                # From anywhere to a container that nothing protects.
                oifname . meta nfproto @\(Set.open) accept
                # From one network to another.
                iifname @\(Set.bridges) oifname @\(Set.bridges) drop
                # From a container to the world, but not in the name of one of another network, who would get the answer.
                iifname @\(Set.bridges) fib saddr . iif oif != 0 accept
                drop
            }

            # To a published port by the container's own address.
            chain direct {
                oifname . meta nfproto @\(Set.direct) accept
                oifname . iifname @\(Set.trusted) accept
            }

            # Within one network.
            chain network {
                ct status dnat accept
                iifname @\(Set.isolated) drop
                accept
            }
        }

        """
    }

    /// Names of sets and maps.
    enum Set {
        static let bridges = "bridges"
        static let within = "within"
        static let closedIn = "internal"
        static let isolated = "isolated"
        static let open = "open"
        static let routed = "routed"
        static let direct = "direct"
        static let trusted = "trusted"
        static let masquerade4 = "masquerade4"
        static let masquerade6 = "masquerade6"
        static let source4 = "source4"
        static let source6 = "source6"
        static let tunnels = "tunnels"
        static let hosts4 = "hosts4"
        static let hosts6 = "hosts6"
        static let closed = "closed"
        static let ports4 = "ports4"
        static let ports6 = "ports6"
        static let anyPorts4 = "any_ports4"
        static let anyPorts6 = "any_ports6"
        static let routedPorts4 = "routed_ports4"
        static let routedPorts6 = "routed_ports6"
        static let relayed = "relayed"
        static let anyRelayed = "any_relayed"

        /// Those that name networks.
        static let ofNetworks = [bridges, within, closedIn, isolated, open, routed, direct, trusted, masquerade4, masquerade6, source4, source6]
        /// Those that name overlays, whose elements have the bridge in their comment.
        static let ofOverlays = [tunnels, hosts4, hosts6]
        static let ofPorts = [ports4, ports6, anyPorts4, anyPorts6, routedPorts4, routedPorts6, relayed, anyRelayed]
    }
}
