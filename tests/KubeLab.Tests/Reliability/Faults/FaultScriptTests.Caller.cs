using System.Net;
using System.Net.Sockets;
using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability.Faults;

/// <summary>The report of a start reaches the caller before the fault cuts the machine off from it.</summary>
public sealed partial class FaultScriptTests
{
    // An SSH server with a tunnel that is stuck.
    private const string Connections = """
        read_process() { state=S; }
        ss() {
          echo 'ESTAB 0 7000 10.0.0.1:22 10.0.0.7:40000 users:(("sshd",pid=78,fd=4))'
          echo 'ESTAB 0 9000 127.0.0.1:40001 127.0.0.1:6443 users:(("sshd",pid=7,fd=9))'
          echo "ESTAB 0 ${unsent:-0} [::ffff:10.0.0.1]:22 [::ffff:10.0.0.9]:40002 users:((\"sshd\",pid=7,fd=4),(\"sshd\",pid=6,fd=4))"
        }
        iptables-restore() { echo "$*"; }
        ip() { :; }
        STARTERS='7 ' TARGETS='' DIRECTION=Both

        """;

    [Fact]
    public async Task A_machine_is_cut_off_when_the_script_has_ended_and_the_caller_has_confirmed_its_output()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Server.ReceiveBufferSize = 1 << 16;
        listener.Start();
        var connect = $"/dev/tcp/127.0.0.1/{((IPEndPoint)listener.LocalEndpoint).Port}";
        // The server sends more than fits into the buffers. The caller reads nothing before the second connection.
        var script = RunAsync("aaaaaaaa", $$"""
            sleep infinity & starter=$!
            { exec 3<>{{connect}}; head -c 20000000 /dev/zero >&3; read -r <&3; } & server=$!
            trap 'kill $starter $server 2>/dev/null || true' EXIT
            STARTERS="$starter $server " polls=0
            unconfirmed() { read -r bytes _ < <(connection $server); [[ -n $bytes && $bytes != 0 ]]; }
            until unconfirmed; do :; done
            sleep() {
              case $((++polls)) in
                1) kill $starter; wait $starter || true ;;
                2) unconfirmed && echo unconfirmed; exec 4<>{{connect}} ;;
                *) command sleep 0.01 ;;
              esac
            }
            after_report
            unconfirmed || echo confirmed
            """);
        using var caller = await listener.AcceptTcpClientAsync().WaitAsync(Gates.Timeout);
        using var signal = await listener.AcceptTcpClientAsync().WaitAsync(Gates.Timeout);
        await caller.GetStream().CopyToAsync(Stream.Null);
        Assert.Equal("unconfirmed\nconfirmed\n", await script);
    }

    [Theory]
    [InlineData("", "sent")]
    [InlineData("unsent=48", "waits")]
    [InlineData("read_process() { state=R; }", "waits")]
    [InlineData("ss() { :; }", "waits")]
    [InlineData("read_process() { return 1; }; unsent=48", "sent")]
    public async Task A_report_is_sent_when_the_server_sleeps_and_its_own_connection_has_nothing_left(string state, string expected) =>
        Assert.Equal(expected, (await RunAsync("aaaaaaaa", Connections + $"{state}\nif is_reporting; then echo waits; else echo sent; fi")).Trim());

    [Fact]
    public async Task A_caller_that_does_not_confirm_the_report_delays_the_fault_for_thirty_seconds() =>
        Assert.Equal("waits\nwaits\nwaits\n", await RunAsync("aaaaaaaa", """
            is_reporting() { echo waits; }
            sleep() { SECONDS=$((SECONDS + 10)); }
            after_report
            """));

    [Theory]
    [InlineData("10.0.0.2 10.0.0.9", "", "-w 30 --noflush --test\nready\n-w 30 --noflush\n")]
    [InlineData("10.0.0.2", "", "-w 30 --noflush\nready\n")]
    [InlineData("10.0.0.9", "10.244.0.7", "-w 30 --noflush\nready\n")]
    public async Task A_partition_from_the_caller_starts_after_the_report(string peers, string targets, string output) =>
        Assert.Equal(output, await RunAsync("aaaaaaaa",
            Connections + $"PEERS='{peers}' TARGETS='{targets}'; start_NetworkPartition; echo ready; hold_NetworkPartition"));

    [Fact]
    public async Task A_fault_is_told_the_processes_of_the_script_that_starts_it()
    {
        var parameters = new Dictionary<string, string?> { ["ID"] = "aaaaaaaa", ["DURATION"] = "5", ["ABOUT"] = "", ["SETTINGS"] = "", ["PROGRAM"] = "" };
        var script = NodeScript.Text("start-fault", parameters).Replace("readonly RUN=/run/kubelab", $"RUN='{_folder.Path}'", StringComparison.Ordinal);
        var result = await Cli.Wrap("bash").WithStandardInputPipe(PipeSource.FromString("systemd-run() { echo $$; }\n" + script)).ExecuteBufferedAsync();
        var starter = result.StandardOutput.Split('\n')[1];
        var starters = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "faults", "aaaaaaaa", "program"));
        Assert.StartsWith($"STARTERS='{starter} {Environment.ProcessId} ", starters, StringComparison.Ordinal);
    }
}
