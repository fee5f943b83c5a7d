using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KubeLab.Engine.Reliability.History;

/// <summary>Writes histories as JSON lines: a line for each call and each answer, with the fields of Jepsen.</summary>
internal static class HistoryWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a history that <see cref="HistoryReader"/> reads again.</summary>
    public static void Write(OperationHistory history, Stream target)
    {
        var events = history.Operations.Select(operation => (Time: operation.Start, IsAnswer: false, Operation: operation))
            .Concat(history.Operations.Where(operation => operation.End is not null)
                .Select(operation => (Time: operation.End!.Value, IsAnswer: true, Operation: operation)))
            // Events at the same time are concurrent, but a client has one operation at a time.
            .OrderBy(one => one.Time).ThenBy(one => one.Operation.Start == one.Time).ThenBy(one => one.Operation.Index).ThenBy(one => one.IsAnswer);
        using var json = new Utf8JsonWriter(target, Options);
        foreach (var (time, isAnswer, operation) in events)
        {
            json.WriteStartObject();
            json.WriteString("type", !isAnswer ? "invoke" : operation.Outcome == KlOutcome.Ok ? "ok" : "fail");
            json.WriteNumber("process", operation.Process);
            json.WriteString("f", operation.Function);
            if (operation.Key is not null)
            {
                json.WritePropertyName("key");
                WriteValue(json, operation.Key);
            }
            json.WritePropertyName("value");
            WriteValue(json, isAnswer ? operation.Result : operation.Value);
            if (history.HasTimes)
                json.WriteNumber("time", time);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            target.WriteByte((byte)'\n');
        }
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double real when double.IsFinite(real):
                // 1.0 and 1 are different values.
                var digits = real.ToString("R", CultureInfo.InvariantCulture);
                json.WriteRawValue(digits.AsSpan().ContainsAny('.', 'E') ? digits : $"{digits}.0");
                break;
            case IReadOnlyList<object?> list:
                json.WriteStartArray();
                foreach (var item in list)
                    WriteValue(json, item);
                json.WriteEndArray();
                break;
            case IReadOnlyDictionary<object, object?> map:
                json.WriteStartObject();
                foreach (var (name, item) in map)
                {
                    json.WritePropertyName(Convert.ToString(name, CultureInfo.InvariantCulture)!);
                    WriteValue(json, item);
                }
                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
