import { expect, it } from "vitest";
import { aimOf, orderNote } from "./goal";

it("calls values best first only of a metric whose goal or name says what is better", () => {
  expect(orderNote("fit_seconds", null)).toBe("largest first");
  expect(orderNote("generalization_gap", null)).toBe("largest first");
  expect(orderNote("val/mAP", null)).toBe("best first");
  expect(orderNote("fit_seconds", "minimize")).toBe("best first");
  expect(orderNote("test_accuracy", null)).toBe("best first");
  expect(orderNote("val/loss", null)).toBe("best first");
});

it("tells by whole words of a name what is better", () => {
  const names = (text: string) => text.trim().split(/\s+/);
  const falling =
    names(`loss val/loss Loss/train valLoss valid_logloss train/ctc_loss loss_val cross_entropy_loss
    wer dev-other/wer cer perplexity mse test_rmse per_horizon/mse_003 fid lpips regret latency step_time runtime
    test_smape val_error err@1 rmsd[Å] drmsd_ca fape val/clashes`);
  const rising =
    names(`accuracy top5_acc acc_top5 acc@1 bleu bleu4 rouge rougeL rougeLsum auc test_auc auc_roc f1
    f1_macro psnr ssim iou mIoU val/mAP mAP_50 mAP50 AP75 reward episode_return return throughput tokens_per_sec
    lddt_ca val/plddt ndcg@10 val/mrr`);
  const neither =
    names(`episode_length grad_norm lr gpu_mem gpu.0.power answer dancer cancer lower tower valid
    heatmap bootstrap loss_scale loss_weight time_limit score_net retime_steps epoch`);
  expect(falling.filter((name) => aimOf(name, null) !== "minimize")).toEqual([]);
  expect(rising.filter((name) => aimOf(name, null) !== "maximize")).toEqual([]);
  expect(neither.filter((name) => aimOf(name, null) !== null)).toEqual([]);
  expect(aimOf("reward/kl_loss", null)).toBe("minimize");
  expect(aimOf("error/recall", null)).toBe("maximize");
});
