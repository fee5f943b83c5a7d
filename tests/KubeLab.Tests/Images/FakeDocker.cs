using System.Text.Json.Nodes;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Images;

namespace KubeLab.Tests.Images;

/// <summary>A fake engine with some images. Unexpected commands are errors.</summary>
internal sealed partial class FakeDocker : IDocker
{
    private readonly Dictionary<string, FakeImage> _images = [];

    /// <summary>The commands in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The endpoint of the engine. Default: another computer, so that images are saved.</summary>
    public string Endpoint { get; set; } = "tcp://192.0.2.1:2376";

    /// <summary>The result of a build.</summary>
    public DockerResult Build { get; set; } = new(0, "Step 1/1 : FROM scratch", "");

    /// <summary>The number of bytes after which docker save fails, or null.</summary>
    public int? SaveFailsAfter { get; set; }

    public void Add(string name, byte[] saved, params byte[][] layers)
    {
        var config = SavedTar.Config(layers);
        var id = IdOf?.Invoke(layers) ?? Digests.Of(config);
        var inspect = new JsonArray(new JsonObject
        {
            ["Id"] = id,
            ["Os"] = "linux",
            ["Architecture"] = "amd64",
            ["Size"] = saved.Length,
            ["RepoTags"] = new JsonArray(name == id ? [] : [name]),
            ["RootFS"] = new JsonObject { ["Layers"] = new JsonArray([.. layers.Select(layer => (JsonNode)Digests.Of(layer))]) },
            ["Config"] = new JsonObject
            {
                ["ExposedPorts"] = new JsonObject { ["443/tcp"] = new JsonObject(), ["80/tcp"] = new JsonObject(), ["53/udp"] = new JsonObject() },
                ["Volumes"] = new JsonObject { ["/data"] = new JsonObject() },
                ["Labels"] = new JsonObject { ["org.kubelab.replicas"] = "3" },
            },
        }).ToJsonString();
        _images[name] = _images[id] = new(id, inspect, saved, config, layers);
    }

    public Task StartLaterAsync(DelayedStart start, TimeSpan delay, CancellationToken stop) => throw new InvalidOperationException("unexpected delayed start");

    public async Task<DockerResult> RunAsync(DockerCommand command, CancellationToken stop)
    {
        lock (Calls)
        {
            Calls.Add(string.Join(' ', command.Arguments.Take(2)));
            Commands.Add(command);
        }
        switch (command.Arguments)
        {
            case ["image", "inspect", var name]:
                return _images.TryGetValue(name, out var image) ? new(0, image.Inspect, "") : new(1, "[]", $"Error: No such image: {name}");
            case ["image", "save", var id]:
                var saved = _images[id].Saved;
                await command.ReadOutput!(new MemoryStream(saved[..(SaveFailsAfter ?? saved.Length)]), stop);
                return SaveFailsAfter is null ? new(0, "", "") : new(1, "", "Error response from daemon: write: broken");
            case ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]:
                return new(Endpoint.Length > 0 ? 0 : 1, Endpoint + "\n", Endpoint.Length > 0 ? "" : "no such context");
            case ["image", "tag", var id, var reference]:
                Names[reference] = id;
                return new(0, "", "");
            case ["image", "rm", var reference]:
                return Names.Remove(reference) ? new(0, $"Untagged: {reference}", "") : new(1, "", $"Error: No such image: {reference}");
            case ["image", "push", var reference]:
                return await PushAsync(command, reference, stop);
            case ["build", "--force-rm", "--label", "org.kubelab=image", "--tag", _, _]:
                foreach (var line in (Build.Output + "\n" + Build.Error).Split('\n'))
                    command.Line!(line);
                return Build;
            default:
                throw new InvalidOperationException($"'{command}' was not expected.");
        }
    }
}
