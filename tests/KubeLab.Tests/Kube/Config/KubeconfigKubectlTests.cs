using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Tests.Kube.Config;

/// <summary>kubectl reads files that KubeLab has written.</summary>
public sealed class KubeconfigKubectlTests : IDisposable
{
    private const string Admin = """
        apiVersion: v1
        kind: Config
        clusters: [{name: k, cluster: {certificate-authority-data: Q0E=, server: "https://10.0.0.1:6443"} }]
        users: [{name: k, user: {client-certificate-data: Q1JU, client-key-data: S0VZ, token: "0123"} }]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    public static TheoryData<string> Files =>
    [
        "", "\n\n", "# nothing yet\n", "---\n", "{}", "null\n", "kind: Config", "apiVersion: v1\nkind: Config\nclusters: null\ncontexts: ~\nusers:\n",
        "kind: Config\ncontexts: []  # none\nclusters:\n  []\nusers: [ ]\n",
        "apiVersion: v1\r\nkind: Config\r\ncontexts:\r\n- context:\r\n    cluster: a\r\n    user: b\r\n  name: work\r\ncurrent-context: work\r\n",
        "{\"kind\": \"Config\", \"contexts\": [{\"name\": \"work\", \"context\": {\"cluster\": \"a\", \"user\": \"b\"}}], \"current-context\": \"work\"}",
        "{\n\t\"kind\": \"Config\",\n\t\"contexts\": [\n\t\t{\n\t\t\t\"name\": \"work\"\n\t\t}\n\t],\n\t\"users\": []\n}\n",
        "{apiVersion: v1, contexts: [{name: work, context: {cluster: a, user: b}}, ], # all\n kind: Config, }\n",
        "kind: Config\ncontexts: &all\n- &one {name: work, context: &c {cluster: a, user: b}}\n- {name: other, context: *c}\nx: *all\nclusters:\n",
        "kind: Config\nx: &x {cluster: a, user: b}\ncontexts:\n- name: work\n  context:\n    <<: *x\n    namespace: dev\n",
        "kind: Config\ncontexts:\n- name: work\n---\nkind: Other\n[ broken\n",
        "%YAML 1.1\n---\nkind: Config\ncurrent-context: !!str 12\n...\n",
        "  kind: Config\n  contexts:\n    - name: work\n      context: {cluster: a}\n    # the end\n",
        "kind: Config\nextensions:\n- name: e\n  extension:\n    text: |+\n      a\n\n      b\n\n",
        "kind: Config\ncontexts:\n- name: work\n  context:\n    cluster: >-\n      a\n      b\n    user: 'it''s'\nusers:\n- name: \"y\\u0065s\"\n  user:\n   "
        + " token: \"12\"\n",
        "kind: Config\ncurrent-context:\ncontexts:\n- # a - b\n  name: work\n", "kind: Config\ncurrent-context: 'no' # why\npreferences: {colors: true}\n",
        "\"kind\": \"Config\"\n? contexts\n: - name: work\n",
        "kind: Config\ncontexts:\n-\n  name: work\n  context:\n    extensions:\n    - extension: [1, 1.5, yes, ~]\n      name: e\n",
        "kind: Config\ncontexts:\n- name: kubelab-lab\n  context: {cluster: old, user: old, namespace: dev}\n- name: work\nclusters:\n- cluster: "
        + "{server: \"https://old\"}\n  name: kubelab-lab\n",
        "kind: Config\nusers:\n- name: kubelab-lab\n  user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1, args: [\"1\", \"#\"]}}\n# last\n",
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [TheoryWith("kubectl")]
    [MemberData(nameof(Files))]
    public async Task kubectl_reads_the_results_of_a_merge_and_a_removal_correctly(string before)
    {
        var path = Path.Combine(_folder, "config");
        await File.WriteAllTextAsync(path, before);
        var was = await ViewAsync(path);
        await Kubeconfig.MergeAsync(new KubeconfigFiles([path]), "lab", Admin, new Uri("https://127.0.0.1:40001"), TimeProvider.System, default);
        var merged = await ViewAsync(path);
        Assert.Equal("kubelab-lab", (string?)merged["current-context"]);
        Assert.Equal("https://127.0.0.1:40001", (string?)Entry(merged, "clusters")!["cluster"]!["server"]);
        Assert.Equal("Q0E=", (string?)Entry(merged, "clusters")!["cluster"]!["certificate-authority-data"]);
        Assert.Equal("""{"cluster":"kubelab-lab","user":"kubelab-lab"}""", Entry(merged, "contexts")!["context"]!.ToJsonString());
        Assert.Equal("0123", (string?)Entry(merged, "users")!["user"]!["token"]);
        AssertSameOthers(was, merged);

        await Kubeconfig.RemoveAsync(new([path]), "lab", TimeProvider.System, default);
        var removed = await ViewAsync(path);
        Assert.Equal("", (string?)removed["current-context"]);
        Assert.All((string[])["clusters", "contexts", "users"], section => Assert.Null(Entry(removed, section)));
        AssertSameOthers(was, removed);
        if (before.StartsWith("{\"", StringComparison.Ordinal))
            JsonNode.Parse(await File.ReadAllTextAsync(path));
    }

    [FactWith("kubectl")]
    public async Task Every_name_is_read_as_a_string()
    {
        string[] names =
        [
            "2024", "yes", "null", "~", "1e3", "0x1F", "0o7", "1_000", "12:30", ".inf", "2024-01-01", "=", "<<", "y",
            "off", " lead", "trail ", "a#b", "a #b", "a: b", "a:",
            "tab\tx", "line\nx", "\u0001", "\u0085\u2028\uFEFF", "é😀", "- x", "@a", "%a", "*a", "!a", "'q\"\\", "{a}",
            "[a]", "a,b", "?", "--- a", "C:\\a", "user@cluster", "arn:aws:eks:eu:1:cluster/x",
        ];
        for (var i = 0; i < names.Length; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, $"{i}"), "kind: Config\ncurrent-context: a # a comment\n");
            await KubeconfigFiles.EditAsync(Path.Combine(_folder, $"{i}"), text => text.WithCurrentContext(names[i]), TimeProvider.System, default);
            Assert.Contains("# a comment", await File.ReadAllTextAsync(Path.Combine(_folder, $"{i}")), StringComparison.Ordinal);
        }
        var read = await RunAsync("bash", "-c",
            $"for i in $(seq 0 {names.Length - 1}); do kubectl --kubeconfig {_folder}/$i config view --raw -o json || exit; echo ,; done");
        Assert.Equal(names, JsonNode.Parse($"[{read.TrimEnd().TrimEnd(',')}]")!.AsArray().Select(one => (string?)one!["current-context"]));
    }

    private static JsonNode? Entry(JsonNode config, string section) =>
        (config[section] as JsonArray)?.SingleOrDefault(entry => (string?)entry!["name"] == "kubelab-lab");

    private static void AssertSameOthers(JsonNode was, JsonNode now)
    {
        var (left, right) = (was.DeepClone(), now.DeepClone());
        foreach (var one in (JsonNode[])[left, right])
        {
            one["current-context"] = null;
            foreach (var section in (string[])["clusters", "contexts", "users"])
                one[section] = new JsonArray([.. ((one[section] as JsonArray)?.Where(entry => (string?)entry!["name"] != "kubelab-lab") ?? [])
                    .Select(entry => entry!.DeepClone())]);
        }
        Assert.Equal(left.ToJsonString(), right.ToJsonString());
    }

    private static async Task<JsonNode> ViewAsync(string path) =>
        JsonNode.Parse(await RunAsync("kubectl", "--kubeconfig", path, "config", "view", "--raw", "-o", "json"))!;

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }
}
